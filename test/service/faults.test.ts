// What an operator reads about a plugin's files is bounded and cannot steer a terminal.
import t from 'tap'
import { faultsError, formatFault, type Fault } from '../../lib/errors.js'
import { join } from 'node:path'
import { readPolicyFile } from '../../lib/policy-files.js'
import { makeWorld } from './world.js'

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

t.test(
  'a policy file has room for thousands of rules, and one that is larger is refused unread',
  async (t) => {
    const world = makeWorld(t)
    const rules = Array.from({ length: 5_000 }, (_, n) => `/srv/data/tenant-${n}/files/**`)
    world.write('many.json', JSON.stringify({ policyVersion: 1, grant: { fs: { read: rules } } }))
    const read = await readPolicyFile(join(world.root, 'many.json'))
    t.equal(read?.request.grant.fs?.read?.length, 5_000)
    world.write('larger.json', `{ "policyVersion": 1, "grant": {}, "$comment": "${'x'.repeat(1_048_576)}" }`)
    await t.rejects(readPolicyFile(join(world.root, 'larger.json')), {
      code: 'POLICY_INVALID',
      detail: { faults: [{ message: 'the file is too large', pointer: '' }] },
    })
  },
)
