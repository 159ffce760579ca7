// With isolation 'thread' the show leaves out what a thread cannot hold, says so, and answers every search.
import t from 'tap'
import { CHAOS_CASES } from '../../examples/search-node/chaos-cases.js'
import { runMain } from './run-main.js'

t.setTimeout(110_000)

/** The show in a process runs each time (show.test.ts); this one takes as long again, so it runs with the Node matrix. */
const skip =
  process.env['BULKHEAD_LONG'] === '1' ? false : 'it runs with BULKHEAD_LONG=1, as in the Node matrix'

t.test('the show answers every search while each case that a thread can hold runs', { skip }, async (t) => {
  const { code, stdout } = await runMain(['--once', '--port', '0', '--isolation', 'thread'])
  const leftOut = CHAOS_CASES.filter(({ containedByThread }) => !containedByThread)
  t.equal(code, 0)
  t.match(stdout, /The node answered ([\d,]+) of \1 searches; worst /)
  t.equal(stdout.match(/left out +a thread has no crash boundary/g)?.length, leftOut.length)
  t.match(stdout, /0 of 12 attempts got out/)
})
