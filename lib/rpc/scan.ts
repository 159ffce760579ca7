/**
 * Turns the JSON body of a frame into a value, looking at the bytes first: a depth
 * bomb or a `__proto__` key is refused before it becomes an object. Beside it what the
 * sender asks of its own text, so that a value too deep fails its call and not its channel.
 */
import { PluginError } from '../errors.js'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const ESCAPED_LETTER = /\\u00(?:5f|6f|7[024])/i

/**
 * @param bytes - UTF-8 JSON; invalid sequences become U+FFFD
 * @throws PluginError `PROTOCOL_VIOLATION` when too deep, not JSON, or naming `__proto__`
 */
export function parseBody(bytes: Buffer, maxDepth: number): unknown {
  if (bytes.length === 0) return undefined
  checkDepth(bytes, maxDepth)
  const text = bytes.toString('utf8')
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new PluginError('PROTOCOL_VIOLATION', { rule: 'body is JSON' })
  }
  // Only text that can spell the key pays for the walk: plainly, or with any of its letters (_ p r o t) as an escape.
  if (text.includes('__proto__') || (text.includes('\\u00') && ESCAPED_LETTER.test(text))) refuseProto(value)
  return value
}

/** One pass, no recursion: counts open brackets outside strings. */
function checkDepth(bytes: Buffer, maxDepth: number): void {
  let depth = 0
  const end = bytes.length
  for (let at = 0; at < end; at++) {
    const byte = bytes[at]
    if (byte === QUOTE) {
      at++
      while (at < end && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1
    } else if (byte === 0x7b || byte === 0x5b) {
      if (++depth > maxDepth) throw new PluginError('PROTOCOL_VIOLATION', { rule: 'depth', maxDepth })
    } else if (byte === 0x7d || byte === 0x5d) {
      depth--
    }
  }
}

/**
 * @param text - JSON of this side's own making
 * @throws PluginError `MESSAGE_TOO_LARGE` when it has more levels of arrays and objects than the peer takes
 */
export function checkLevels(text: string | Uint8Array, maxDepth: number): void {
  if (typeof text === 'string' && isDeeperThan(text, maxDepth))
    throw new PluginError('MESSAGE_TOO_LARGE', { limit: `messageDepth ${maxDepth}` })
}

export function isDeeperThan(text: string, maxDepth: number): boolean {
  // Most messages have fewer brackets in all, and counting these costs next to nothing.
  if (!hasMoreThan(maxDepth, text)) return false
  let depth = 0
  const end = text.length
  for (let at = 0; at < end; at++) {
    const char = text.charCodeAt(at)
    if (char === QUOTE) {
      at++
      while (at < end && text.charCodeAt(at) !== QUOTE) at += text.charCodeAt(at) === BACKSLASH ? 2 : 1
    } else if (char === 0x7b || char === 0x5b) {
      if (++depth > maxDepth) return true
    } else if (char === 0x7d || char === 0x5d) {
      depth--
    }
  }
  return false
}

/** Whether there are more opening brackets than that, those in strings included. */
function hasMoreThan(count: number, text: string): boolean {
  let seen = 0
  for (const bracket of ['{', '[']) {
    for (let at = text.indexOf(bracket); at >= 0; at = text.indexOf(bracket, at + 1)) {
      if (++seen > count) return true
    }
  }
  return false
}

/** The depth is already bounded, so recursion is too. */
function refuseProto(value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  if (Object.hasOwn(value, '__proto__'))
    throw new PluginError('PROTOCOL_VIOLATION', { rule: 'no __proto__ key' })
  for (const inner of Object.values(value)) refuseProto(inner)
}
