/** What an error says of the plugin: whether it counts for its breaker, and whether a fallback may take its place. */
import type { ErrorCode } from '../errors.js'
import type { Ending } from './breaker.js'

/** The run ended and took the call with it. */
const ENDINGS: ReadonlySet<ErrorCode> = new Set([
  'LIMIT_EXCEEDED',
  'PLUGIN_BLOCKED',
  'PLUGIN_CRASHED',
  'PLUGIN_OUT_OF_MEMORY',
  'PROTOCOL_VIOLATION',
] satisfies ErrorCode[])

/** The plugin is at fault, whatever the caller asked for. */
const FAULTS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([...ENDINGS, 'CALL_TIMEOUT', 'REPLY_INVALID'])

/** The plugin's own answer: it lives and keeps to the protocol, and what it refuses is between it and the caller. */
const ANSWERS: ReadonlySet<ErrorCode> = new Set([
  'ACCESS_DENIED',
  'MODULE_DENIED',
  'PLUGIN_ERROR',
] satisfies ErrorCode[])

/** Nothing of the plugin was tried, so there is nothing to count, but the caller is left without an answer. */
const UNAVAILABLE: ReadonlySet<ErrorCode> = new Set([
  'BREAKER_OPEN',
  'PLUGIN_NOT_RUNNING',
  'QUEUE_FULL',
] satisfies ErrorCode[])

/** @param pluginErrors - whether what the plugin throws is a failure */
export function outcomeOf(code: ErrorCode, pluginErrors: boolean): Ending['outcome'] {
  if (FAULTS.has(code) || (pluginErrors && code === 'PLUGIN_ERROR')) return 'failed'
  return ANSWERS.has(code) ? 'answered' : 'neither'
}

/** Not for what the caller did (an abort, a message too large), and not for what the policy or the node decided. */
export function mayFallBack(code: ErrorCode, pluginErrors: boolean): boolean {
  return UNAVAILABLE.has(code) || outcomeOf(code, pluginErrors) === 'failed'
}

/** Whether a call that ends with this was taken along by the end of its run. */
export function fellWithRun(code: ErrorCode): boolean {
  return ENDINGS.has(code)
}
