// `bulkhead attack` attacks a node that holds the operator's plugins, says what came of it, and leaves nothing.
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { bulkhead, directoryOf, pluginFiles, REST_GRANT } from './command.js'

const QUIET = `export default { rest: [{ method: 'GET', path: '/quiet', handle: () => ({ body: 1 }) }] }`

t.test('one attack beside plugins of the operator, as a document and as a table', async (t) => {
  const root = await directoryOf(t, {
    ...pluginFiles({ name: 'quiet', source: QUIET, grant: REST_GRANT }),
    'tmp/keep': '',
  })
  const where = { env: { TMPDIR: join(root, 'tmp') } }
  const args = ['attack', join(root, 'plugins'), '--trust', '--case', 'status-nan', '--case', 'status-text']
  const { code, out } = await bulkhead([...args, '--json'], where)
  t.equal(code, 0, out)
  const said = JSON.parse(out) as { readonly cases: readonly object[] }
  t.match(said, { ok: true, isolation: 'process', runs: 1, attacks: 2, contained: 2, touched: 0 })
  t.match(said.cases, [
    { case: 'status-nan', runs: [{ outcome: 'refused REPLY_INVALID' }], why: [] },
    { case: 'status-text', runs: [{ outcome: 'refused REPLY_INVALID' }], why: [] },
  ])
  t.same(await readdir(join(root, 'tmp')), ['keep'])
})

t.test('the isolation that ends the node says so, and the command goes on', async (t) => {
  const { code, out } = await bulkhead(['attack', '--isolation', 'thread', '--case', 'status-nan'])
  t.equal(code, 0, out)
  t.match(out, /status-nan +refused REPLY_INVALID/)
  t.match(out, /1 attack, all contained; the node felt none/)
})

t.test('a plugin beside that does not run is an error, and says which and why', async (t) => {
  const root = await directoryOf(t, pluginFiles({ name: 'quiet', source: QUIET, grant: REST_GRANT }))
  for (const isolation of ['process', 'thread']) {
    const { code, err } = await bulkhead([
      'attack',
      join(root, 'plugins'),
      '--isolation',
      isolation,
      '--smoke',
    ])
    t.equal(code, 3, isolation)
    t.match(err, /no approval grants them/)
  }
})

t.test('a choice that leaves nothing is an error: none attacked is not all contained', async (t) => {
  const { code, err } = await bulkhead(['attack', '--case', 'status-text', '--smoke'])
  t.equal(code, 2)
  t.match(err, /none of the attacks/)
  t.match((await bulkhead(['attack', '--case', 'endles-loop'])).err, /did you mean 'endless-loop'/)
})
