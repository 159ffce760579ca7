// What an operator added until a day ends on that day, while the plugin runs, without a restart of the node.
import t from 'tap'
import { PluginError } from '../../lib/errors.js'
import { nodeClock } from '../../lib/node-powers.js'
import type { TransitionEvent } from '../../lib/service.js'
import { makeWorld, type World } from './world.js'

const SOURCE = `let context
export default {
  start(given) { context = given },
  rest: [
    { method: 'GET', path: '/_plugins/_x/settings', handle: () => ({ body: Object.keys(context.settings).sort() }) },
    { method: 'GET', path: '/_plugins/_x/never', handle: () => new Promise(() => {}) },
  ],
}`
const POLICY = { policyVersion: 1, grant: { extensionPoints: ['rest:/_plugins/_x/**'], settings: ['a.one'] } }
const SETTINGS = { a: { one: 1, two: 2, three: 3 } }
const DAY = Date.UTC(2027, 5, 30)

async function approve(world: World, add: readonly object[]): Promise<void> {
  world.plugin('xx', { source: SOURCE, policy: POLICY })
  const unapproved = await world.started()
  const error = unapproved.list()[0]?.lastError
  await unapproved.stop()
  if (!(error instanceof PluginError)) throw new Error('the plugin ran without an approval')
  const approval = JSON.parse(String(error.detail['approval'])) as object
  world.write('policies/xx.json', JSON.stringify({ ...approval, add }))
}

for (const isolation of ['process', 'thread'] as const) {
  t.test(
    `an addition that expires is gone from a running plugin, which goes on (${isolation})`,
    async (t) => {
      const world = makeWorld(t)
      await approve(world, [
        { grant: { settings: ['a.two'] }, reason: 'until the end of June', expires: '2027-06-30' },
        { grant: { settings: ['a.three'] }, reason: 'for good' },
      ])
      let wallTime = DAY - 30
      const transitions: TransitionEvent[] = []
      let renewed: (() => void) | undefined
      const again = new Promise<void>((resolve) => (renewed = resolve))
      const service = await world.started(
        { settings: SETTINGS, isolation },
        {
          clock: { ...nodeClock, wallTime: () => wallTime },
          onCreated: (created) =>
            created.on('plugin', (event) => {
              transitions.push(event)
              if (event.to === 'running' && transitions.length > 2) renewed?.()
            }),
        },
      )
      const settings = async (): Promise<unknown> =>
        (await service.rest({ method: 'GET', path: '/_plugins/_x/settings' })).body
      t.same(await settings(), ['a.one', 'a.three', 'a.two'])
      t.same(service.grantOf('xx').add[0]?.grant, { settings: ['a.two'] })
      const waiting = service.rest({ method: 'GET', path: '/_plugins/_x/never' })

      wallTime = DAY
      await t.rejects(waiting, { code: 'PLUGIN_NOT_RUNNING' }, 'a call under way ends with a reason')
      await again
      t.same(await settings(), ['a.one', 'a.three'])
      t.same(service.grantOf('xx').add[0]?.grant, {}, 'and the host decides by what is left')
      t.same(
        transitions.map(({ from, to }) => `${from} ${to}`),
        [
          'configured starting',
          'starting running',
          'running restarting',
          'restarting starting',
          'starting running',
        ],
      )
      t.match(transitions[2]?.reason, /an addition of its approval has expired/)
      t.equal(service.list()[0]?.lastError, null, 'it did not crash')
    },
  )
}

t.test('an addition that had expired before the start grants nothing', async (t) => {
  const world = makeWorld(t)
  await approve(world, [{ grant: { settings: ['a.two'] }, reason: 'over', expires: '2027-06-30' }])
  const clock = { ...nodeClock, wallTime: () => DAY }
  const service = await world.started({ settings: SETTINGS }, { clock })
  t.same((await service.rest({ method: 'GET', path: '/_plugins/_x/settings' })).body, ['a.one'])
})
