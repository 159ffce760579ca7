// Every attack of lib/attack is contained, once each, on each Node that is supported.
import t from 'tap'
import { ATTACKS } from '../../lib/attack/cases/index.js'
import { runAttacks } from './run-attacks.js'

t.setTimeout(1_800_000) // about five minutes; a busy machine may take several times as long

const whole = process.env['BULKHEAD_LONG'] === '1'
if (whole) await runAttacks(t, ATTACKS)
else t.test('all attacks', { skip: 'they run with BULKHEAD_LONG=1, as in the Node matrix' }, async () => {})
