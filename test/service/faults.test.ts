// What an operator reads about a plugin's files is bounded and cannot steer a terminal.
import t from 'tap'
import { faultsError, formatFault, type Fault } from '../../lib/errors.js'

const fault: Fault = {
  code: 'POLICY_INVALID',
  file: 'a/policy.json',
  pointer: '/x',
  message: 'm',
  remedy: 'r',
}

t.test('control and direction characters of a name are spelled out', async (t) => {
  const line = formatFault({ ...fault, file: 'p\u001b[31m\u202e\n/policy.json' })
  t.equal(line, 'p\\u{1b}[31m\\u{202e}\\u{a}/policy.json#/x: m; r')
})

t.test('a file that is wrong all over tells a hundred faults and how many more', async (t) => {
  const { detail } = faultsError('POLICY_INVALID', Array(1000).fill(fault))
  t.match(detail, { more: 900 })
  t.equal((detail['faults'] as readonly Fault[]).length, 100)
})
