/** One HTTP call to the node, counted: a result, a coded error, or something nobody promised. */
import { SLACK_MS, type CallTally, type Outcome } from './call-tally.js'

export interface HttpCall {
  /** What it is counted as. */
  readonly kind: string
  readonly method: string
  /** With the query. */
  readonly path: string
  readonly body?: string
  readonly type?: string
  /** By when the node promises an end, ms. */
  readonly deadlineMs: number
}

export interface Answer {
  /** 0 when none came. */
  readonly status: number
  /** The body as JSON, or as text when it is none. */
  readonly body: unknown
}

export type HttpClient = (call: HttpCall) => Promise<Answer>

/** What the example answers when it does not know why it failed. */
const UNCODED = 'exception'

export function makeHttpClient(url: string, tally: CallTally): HttpClient {
  return async ({ kind, method, path, body, type, deadlineMs }) => {
    const end = tally.begin(kind, deadlineMs)
    try {
      const response = await fetch(url + path, {
        method,
        signal: AbortSignal.timeout(deadlineMs + 2 * SLACK_MS),
        ...(body === undefined ? {} : { body, headers: { 'content-type': type ?? 'application/json' } }),
      })
      const answer = { status: response.status, body: parse(await response.text()) }
      end(outcomeOf(answer))
      return answer
    } catch (error) {
      end({ ending: 'broken', label: `no answer, ${causeOf(error)}` })
      return { status: 0, body: null }
    }
  }
}

function outcomeOf({ status, body }: Answer): Outcome {
  if (status < 300) return { ending: 'result', label: 'answered' }
  const code = codeOf(body)
  if (code === UNCODED) return { ending: 'broken', label: `${status} without a code` }
  // A plugin's own answer may have any status; it is a result all the same.
  return code === undefined
    ? { ending: 'result', label: `the plugin's own ${status}` }
    : { ending: 'error', label: code }
}

function codeOf(body: unknown): string | undefined {
  const error = (body as { readonly error?: { readonly type?: unknown } } | null)?.error
  return typeof error?.type === 'string' ? error.type : undefined
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function causeOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error
  return cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)
}
