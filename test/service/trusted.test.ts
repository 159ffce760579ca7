// A plugin in the node's own process that its approval does not trust with that is warned of, loudly and in list().
import { createHash } from 'node:crypto'
import t from 'tap'
import { approvalFor } from '../../lib/policy/approval.js'
import { checkRequest } from '../../lib/prepare.js'
import { makeWorld } from './world.js'

const POLICY = { policyVersion: 1, grant: { extensionPoints: ['rest:/x/**'] } }
const sha256 = (text: string): string => `sha256-${createHash('sha256').update(text).digest('base64')}`

t.test('trust is asked for where there is no crash boundary, and only there', async (t) => {
  const world = makeWorld(t)
  for (const [name, trusted] of Object.entries({
    stranger: undefined,
    friend: { reason: 'our own code' },
    apart: undefined,
  })) {
    world.plugin(name, { policy: POLICY })
    const candidate = { plugin: name, bundleHash: sha256(''), sha256 }
    const approval = approvalFor(checkRequest(POLICY), candidate, { acceptUpdates: 'code' })
    world.write(
      `policies/${name}.json`,
      JSON.stringify({ ...approval, ...(trusted === undefined ? {} : { trusted }) }),
    )
  }
  const warned: string[] = []
  const onWarning = (warning: Error): void => {
    if (warning.name === 'BulkheadWarning') warned.push(warning.message)
  }
  process.on('warning', onWarning)
  t.teardown(() => process.off('warning', onWarning))
  const service = await world.started({ isolation: { stranger: 'thread', friend: 'thread' } })
  t.same(
    service.list().map(({ name, isolation, state, warnings }) => [name, isolation, state, warnings.length]),
    [
      ['apart', 'process', 'running', 0],
      ['friend', 'thread', 'running', 0],
      ['stranger', 'thread', 'running', 1],
    ],
  )
  t.equal(warned.length, 1, 'one warning of the process')
  t.match(warned[0], /^stranger runs inside this process/)
})
