// `bulkhead audit DIR` says of a plugin what it reaches and must not, with the path to it, and leaves nothing behind.
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { readReport } from '../../lib/cli/audit/read-report.js'
import { runAudit } from '../../lib/cli/audit/run-audit.js'
import { findPlugin } from '../../lib/cli/find-plugin.js'
import type { AuthorityReport } from '../../lib/protocol/authority.js'
import { openThreadCode } from '../walls/open-thread.js'
import { bulkhead, directoryOf, pluginFiles, REST_GRANT } from './command.js'

const LONG_ONLY = process.env['BULKHEAD_LONG'] === '1' ? false : 'it runs with BULKHEAD_LONG=1'

t.setTimeout(110_000)

const GRANT = {
  ...REST_GRANT,
  fs: { read: ['${plugin.home}/**', '${plugin.data}/**'], write: ['${plugin.data}/**'] },
  net: { connect: ['127.0.0.1:1-65535', 'localhost:1-65535'], listen: ['127.0.0.1:0'] },
}

t.test('a plugin that holds nothing of the host has no finding', async (t) => {
  const source = `import { readFileSync } from 'node:fs'
    export default { rest: [{ method: 'GET', path: '/x', handle: () => ({ body: readFileSync('index.ts', 'utf8') }) }] }`
  const root = await directoryOf(t, pluginFiles({ name: 'good', source, grant: GRANT }))
  await mkdir(join(root, 'temporary'))
  const env = { TMPDIR: join(root, 'temporary') }
  const { code, out, err } = await bulkhead(['audit', join(root, 'plugins/good'), '--json'], { env })
  t.equal(err, '')
  t.equal(code, 0)
  const report = JSON.parse(out) as AuthorityReport & { readonly ok: boolean; readonly plugin: string }
  t.match(report, { ok: true, plugin: 'good', complete: true, findings: [] })
  t.ok(report.objects > 5000, `${report.objects} objects`)
  t.ok(report.modules.includes('fs'))
  t.ok(report.exports.worked > 300, `${report.exports.worked} functions worked`)
  t.same(
    report.failed.filter((what) => !what.startsWith('dns.')),
    [],
    'but for names, of which it may ask none, all exercises work',
  )
  t.same(await readdir(env.TMPDIR), [], 'nothing is left')
})

t.test(
  'what a plugin must not hold is said with its path, its kind and why',
  { skip: LONG_ONLY },
  async (t) => {
    const root = await directoryOf(t, pluginFiles({ name: 'tells', source: '' }))
    const home = join(root, 'plugins/tells')
    // A path of this machine, as a build step would leave it in a bundle.
    const source = `globalThis.built = new Map([['from', { at: ${JSON.stringify(home)} }]])\nexport default {}`
    await writeFile(join(home, 'index.ts'), source)
    const { code, out } = await bulkhead(['audit', home])
    t.equal(code, 1, out)
    t.match(out, /host-path +a path of the host/)
    t.match(out, /globalThis\.built\.values\(\)\[0\]\.at\n/)
    t.match(out, /\n1 finding\n$/)
  },
)

t.test('a compartment with a hole in it is found out', { skip: LONG_ONLY }, async (t) => {
  const root = await directoryOf(t, pluginFiles({ name: 'lucky', source: 'export default {}' }))
  const nodeVersion = '3.2.0'
  const threadCode = await openThreadCode({ audited: true })
  const descriptor = await findPlugin(join(root, 'plugins/lucky'), nodeVersion)
  const { findings } = await runAudit(descriptor, { policiesDir: undefined, nodeVersion, threadCode })
  t.ok(
    findings.some(({ kind, path }) => kind === 'shared-mutable' && path.startsWith('require("fs")')),
    JSON.stringify(findings.slice(0, 5)),
  )
})

t.test('a plugin that does not start is no audit', async (t) => {
  const root = await directoryOf(t, pluginFiles({ name: 'bad', source: 'throw new Error("on purpose")' }))
  const { code, out, err } = await bulkhead(['audit', join(root, 'plugins/bad')])
  t.equal(code, 3)
  t.equal(out, '')
  t.match(err, /^PLUGIN_START_FAILED[^]*on purpose/)
})

t.test('with approvals it is what was approved that is audited', async (t) => {
  const root = await directoryOf(t, {
    ...pluginFiles({ name: 'asks', source: 'export default {}', grant: GRANT }),
    'policies/other.json': '{}',
  })
  const args = ['audit', join(root, 'plugins/asks'), '--policies', join(root, 'policies')]
  const { code, err } = await bulkhead(args)
  t.equal(code, 3)
  t.match(err, /^APPROVAL_/)
})

t.test('what no audited thread says is no report', (t) => {
  const good = {
    objects: 1,
    functions: 1,
    modules: [],
    exports: { worked: 0, all: 0 },
    unexercised: [],
    failed: [],
    complete: true,
    findings: [{ kind: 'process', path: 'a', what: 'b' }],
  }
  t.same(readReport('p', good), good)
  for (const bad of [
    null,
    'report',
    { ...good, objects: -1 },
    { ...good, modules: [1] },
    { ...good, exports: null },
    { ...good, findings: [{ kind: '__proto__', path: 'a', what: 'b' }] },
    { ...good, findings: [{ kind: 'process', path: 1, what: 'b' }] },
    { ...good, findings: {} },
  ])
    t.throws(() => readReport('p', bad), { code: 'REPLY_INVALID' }, JSON.stringify(bad))
  t.equal(readReport('p', { ...good, complete: 'yes' }).complete, false)
  t.end()
})
