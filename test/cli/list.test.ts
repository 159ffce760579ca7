// `bulkhead list` tells of every plugin what it is, asks for and lacks, and runs none of them.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { bulkhead, directoryOf, pluginFiles, REST_GRANT } from './command.js'

interface Listed {
  readonly ok: boolean
  readonly plugins: readonly {
    readonly name: string
    readonly version: string | null
    readonly provides: readonly string[]
    readonly asksFor: object | null
    readonly approval: string
    readonly error: {
      readonly code: string
      readonly detail: {
        readonly faults?: readonly {
          readonly file: string
          readonly pointer: string
          readonly remedy: string
        }[]
        readonly approval?: object
      }
    } | null
  }[]
}

const QUIET = 'export default {}\n'

async function listJson(
  root: string,
  ...more: readonly string[]
): Promise<{ code: number | null; listed: Listed }> {
  const { code, out, err } = await bulkhead(['list', join(root, 'plugins'), '--json', ...more])
  if (err !== '') throw new Error(err)
  return { code, listed: JSON.parse(out) as Listed }
}

t.test(
  'a plugin is missing its approval, has it once the printed document is written, and lacks it for other code',
  async (t) => {
    const root = await directoryOf(t, pluginFiles({ name: 'asks', source: QUIET, grant: REST_GRANT }))
    const policies = join(root, 'policies')

    const before = await listJson(root, '--policies', policies)
    t.equal(before.code, 1)
    const [missing] = before.listed.plugins
    t.match(missing, {
      name: 'asks',
      version: '1.2.3',
      approval: 'missing',
      error: { code: 'APPROVAL_MISSING' },
    })
    t.same(missing?.asksFor, { grant: REST_GRANT, limits: {} })

    await mkdir(policies)
    await writeFile(join(policies, 'asks.json'), JSON.stringify(missing?.error?.detail.approval))
    const after = await listJson(root, '--policies', policies)
    t.equal(after.code, 0)
    t.match(after.listed, { ok: true, plugins: [{ approval: 'approved', error: null }] })

    await writeFile(join(root, 'plugins/asks/index.ts'), `${QUIET}console.log('other')\n`)
    const changed = await listJson(root, '--policies', policies)
    t.equal(changed.code, 1)
    t.match(changed.listed.plugins[0], { approval: 'outdated', error: { detail: { changed: ['bundle'] } } })

    const more = { extensionPoints: ['rest:/other/**'], env: ['AWS_SECRET_ACCESS_KEY'] }
    await writeFile(join(root, 'plugins/asks/policy.json'), JSON.stringify({ policyVersion: 1, grant: more }))
    const { out } = await bulkhead(['list', 'plugins', '--policies', policies], { cwd: root })
    t.match(
      out,
      /^ +\+ asks to read the environment variable AWS_SECRET_ACCESS_KEY, which looks like a secret$/m,
    )
    t.match(out, /^ +\+ asks to answer REST requests to \/other\/\*\*$/m)
    t.match(out, /^ +- no longer asks to answer REST requests/m)
    t.match(out, /it brings other code than was approved/)
  },
)

t.test(
  'the approval to write stands in the text, with its place, so that it can be copied out',
  async (t) => {
    const root = await directoryOf(t, pluginFiles({ name: 'asks', source: QUIET, grant: REST_GRANT }))
    const { out } = await bulkhead(['list', 'plugins', '--policies', 'policies'], { cwd: root })
    t.match(out, /write this to policies\/asks\.json:/)
    const document = JSON.parse(out.slice(out.indexOf('{'), out.lastIndexOf('}') + 1)) as { plugin: string }
    t.equal(document.plugin, 'asks')
    t.match(out, /1 plugin, 0 ready, 1 not approved/)
  },
)

t.test('a plugin that asks for nothing needs no approval', async (t) => {
  const root = await directoryOf(t, pluginFiles({ name: 'quiet', source: QUIET }))
  const { code, listed } = await listJson(root)
  t.equal(code, 0)
  t.match(listed.plugins, [{ name: 'quiet', approval: 'not needed', asksFor: null, error: null }])
})

t.test('faults come with file, place and remedy, and hide no other plugin', async (t) => {
  const root = await directoryOf(t, {
    ...pluginFiles({ name: 'good', source: QUIET }),
    ...pluginFiles({ name: 'bad-key', source: QUIET, more: { provide: [] } }),
    ...pluginFiles({ name: 'bad-code', source: 'export default {' }),
    ...pluginFiles({ name: 'bad-policy', source: QUIET, grant: { fs: { reed: [] } } }),
    'plugins/empty/notes.txt': '',
  })
  const { code, listed } = await listJson(root)
  t.equal(code, 1)
  const seen = listed.plugins.map(({ name, error }) => {
    const fault = error?.detail.faults?.[0]
    return [name, error?.code, fault?.file.replace(`${root}/plugins/`, ''), fault?.pointer]
  })
  t.same(seen, [
    ['bad-code', 'BUNDLE_FAILED', 'index.ts:1:17', ''],
    ['bad-key', 'DESCRIPTOR_INVALID', 'bad-key/plugin.json', '/provide'],
    ['bad-policy', 'POLICY_INVALID', 'bad-policy/policy.json', '/grant/fs/reed'],
    ['empty', 'DESCRIPTOR_INVALID', 'empty/plugin.json', ''],
    ['good', undefined, undefined, undefined],
  ])
  const { out } = await bulkhead(['list', 'plugins'], { cwd: root })
  t.match(
    out.replaceAll(/\s+/g, ' '),
    /plugins\/bad-key\/plugin\.json#\/provide: unknown key "provide"; did you mean "provides"\?/,
  )
  t.match(out, /5 plugins, 1 ready, 4 with faults/)
  t.same(
    out.split('\n').filter((line) => line.length > 100),
    [],
  )
})

t.test('one plugin’s own directory can be listed too', async (t) => {
  const root = await directoryOf(t, pluginFiles({ name: 'quiet', source: QUIET }))
  const { code, out } = await bulkhead(['list', '.'], { cwd: join(root, 'plugins/quiet') })
  t.equal(code, 0)
  t.match(out, /^quiet 1\.2\.3/)
})

t.test('a plugin that never ends when it runs is listed all the same', async (t) => {
  const root = await directoryOf(
    t,
    pluginFiles({ name: 'endless', source: 'for (;;);\nexport default {}\n' }),
  )
  t.equal((await listJson(root)).code, 0)
})

t.test('a plugin cannot send control characters to the terminal', async (t) => {
  const root = await directoryOf(
    t,
    pluginFiles({ name: 'loud', source: QUIET, description: 'a \u001b]0;owned\u0007 title \u202egnp.exe' }),
  )
  const { out } = await bulkhead(['list', 'plugins'], { cwd: root })
  // oxlint-disable-next-line no-control-regex -- the point of the test
  t.notMatch(out, /[\u0000-\u0009\u000b-\u001f\u202e]/)
  t.match(out, 'a \\x1b]0;owned\\x07 title \\u202egnp.exe')
})
