// What ends a plugin counts for its breaker and may be replaced by a fallback; what the plugin says itself, or what was
// never tried, does not count.
import t from 'tap'
import { ERROR_CODES, type ErrorCode } from '../../lib/errors.js'
import { fellWithRun, mayFallBack, outcomeOf } from '../../lib/failure/outcome.js'

/** Ends of a run: by the watch, by the channel, by itself. */
const ENDS: readonly ErrorCode[] = [
  'LIMIT_EXCEEDED',
  'PLUGIN_BLOCKED',
  'PLUGIN_CRASHED',
  'PLUGIN_OUT_OF_MEMORY',
  'PROTOCOL_VIOLATION',
]
const FAILURES: readonly ErrorCode[] = [...ENDS, 'CALL_TIMEOUT', 'REPLY_INVALID']
const ANSWERS: readonly ErrorCode[] = ['ACCESS_DENIED', 'MODULE_DENIED', 'PLUGIN_ERROR']
const NEVER_TRIED: readonly ErrorCode[] = ['BREAKER_OPEN', 'PLUGIN_NOT_RUNNING', 'QUEUE_FULL']

t.test('every code has its outcome', async (t) => {
  for (const code of Object.keys(ERROR_CODES) as ErrorCode[]) {
    const outcome = FAILURES.includes(code) ? 'failed' : ANSWERS.includes(code) ? 'answered' : 'neither'
    t.equal(outcomeOf(code, false), outcome, code)
    t.equal(fellWithRun(code), ENDS.includes(code), `${code}: taken along by the end of the run`)
    t.equal(
      mayFallBack(code, false),
      FAILURES.includes(code) || NEVER_TRIED.includes(code),
      `${code}: fallback`,
    )
  }
  t.equal(outcomeOf('PLUGIN_ERROR', true), 'failed', 'where the operator wants it')
  t.ok(mayFallBack('PLUGIN_ERROR', true))
})
