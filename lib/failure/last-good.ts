/**
 * The last good reply to each request of one plugin, for the time when it gives none.
 * Bounded by count and bytes, the reply that was used least recently goes first. A reply is
 * given only for the same request: method, path, query and every header that may decide it.
 */
import type { RestReply } from '../extensions/reply.js'
import type { RestCall } from '../extensions/rest.js'
import type { Json } from '../protocol/cluster-state.js'

export interface LastGoodLimits {
  readonly replies: number
  readonly bytes: number
}

export const LAST_GOOD_LIMITS: LastGoodLimits = { replies: 256, bytes: 4 * 1_048_576 }

export interface LastGood {
  keep(key: string, reply: RestReply, nowMs: number): void
  /** A reply of its own for each caller, and its age in ms. */
  find(key: string, nowMs: number): { readonly reply: RestReply; readonly ageMs: number } | undefined
  clear(): void
}

/**
 * They tell of the connection, the client's program or one exchange, and choose no reply. Not `host`: who makes
 * links of it would hand one caller's to the next.
 */
const NO_CHOICE: ReadonlySet<string> = new Set([
  'accept-encoding',
  'cache-control',
  'connection',
  'content-length',
  'date',
  'keep-alive',
  'pragma',
  'te',
  'traceparent',
  'tracestate',
  'user-agent',
  'x-opaque-id',
  'x-request-id',
])

/** What a reply is kept under; `undefined` for a request whose reply is not kept: any but GET and HEAD, or one with a body. */
export function requestKey({ method, path, query = {}, headers = {}, body }: RestCall): string | undefined {
  if ((method !== 'GET' && method !== 'HEAD') || (body !== undefined && body !== null)) return undefined
  const chosen = Object.entries(headers)
    .map(([name, value]) => [name.toLowerCase(), value] as const)
    .filter(([name]) => !NO_CHOICE.has(name))
  return JSON.stringify([method, path, sorted(Object.entries(query)), sorted(chosen)])
}

function sorted(pairs: readonly (readonly [string, string])[]): readonly (readonly [string, string])[] {
  return pairs.toSorted(([a], [b]) => (a < b ? -1 : 1))
}

/** Form in which a body is kept: nobody who has a reply in hand can change another one. */
type KeptBody =
  { readonly kind: 'json'; readonly json: string } | { readonly kind: 'bytes'; readonly bytes: Uint8Array }

interface Kept {
  readonly status: number
  readonly headers: RestReply['headers']
  readonly body: KeptBody
  readonly bytes: number
  readonly atMs: number
}

export function makeLastGood(limits: LastGoodLimits = LAST_GOOD_LIMITS): LastGood {
  /** In the order of use, the longest unused first. */
  const kept = new Map<string, Kept>()
  let bytes = 0

  function remove(key: string): void {
    bytes -= kept.get(key)?.bytes ?? 0
    kept.delete(key)
  }

  return {
    keep(key, reply, nowMs) {
      if (reply.status >= 500) return // the plugin says itself that this is no answer
      remove(key)
      const body = isGood(reply) ? keepBody(reply.body) : undefined
      if (body === undefined) return
      const { status, headers } = reply
      const size = sizeOf(key, headers, body)
      if (size > limits.bytes) return
      kept.set(key, { status, headers, body, bytes: size, atMs: nowMs })
      bytes += size
      for (const oldest of kept.keys()) {
        if (kept.size <= limits.replies && bytes <= limits.bytes) break
        remove(oldest)
      }
    },
    find(key, nowMs) {
      const found = kept.get(key)
      if (found === undefined) return undefined
      kept.delete(key)
      kept.set(key, found)
      const { status, headers, body, atMs } = found
      const ageMs = Math.max(0, Math.round(nowMs - atMs))
      // RFC 9111, 5.1: whole seconds since the reply was made.
      const aged = { ...withoutAge(headers), age: String(Math.floor(ageMs / 1000)) }
      return { reply: { status, headers: aged, body: givenBody(body) }, ageMs }
    },
    clear() {
      kept.clear()
      bytes = 0
    },
  }
}

/**
 * A plugin that knows a reply to be for one user or one moment says so as it would to any cache (RFC 9111, 5.2.2).
 * A cookie that is set is for the one caller who asked, said or not.
 */
function isGood({ status, headers }: RestReply): boolean {
  const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const)
  if (lower.some(([name]) => name === 'set-cookie')) return false
  const control = lower.find(([name]) => name === 'cache-control')?.[1] ?? ''
  return status >= 200 && status < 300 && !/\b(?:no-store|private)\b/i.test(control)
}

function keepBody(body: RestReply['body']): KeptBody | undefined {
  if (body instanceof Uint8Array) return { kind: 'bytes', bytes: Uint8Array.from(body) }
  if (typeof body === 'object' && body !== null && Symbol.asyncIterator in body) return undefined // it is read once
  return { kind: 'json', json: JSON.stringify(body) }
}

function givenBody(body: KeptBody): RestReply['body'] {
  return body.kind === 'bytes' ? Uint8Array.from(body.bytes) : (JSON.parse(body.json) as Json)
}

/** Bytes held, two a character of text, and the parts around them by a generous guess. */
function sizeOf(key: string, headers: RestReply['headers'], body: KeptBody): number {
  const ofHeaders = Object.entries(headers).reduce(
    (sum, [name, value]) => sum + name.length + value.length,
    0,
  )
  const ofBody = body.kind === 'bytes' ? body.bytes.length : 2 * body.json.length
  return 200 + 2 * (key.length + ofHeaders) + ofBody
}

function withoutAge(headers: RestReply['headers']): RestReply['headers'] {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'age'))
}
