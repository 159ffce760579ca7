// Whoever asks in a way that is not understood learns what is wrong, in text or as one JSON document, and gets exit code 2; help and version are right.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { alone, bulkhead, ROOT } from './command.js'

const BAD: readonly {
  readonly args: readonly string[]
  readonly says: RegExp
}[] = [
  { args: ['lst'], says: /unknown command 'lst'\s+\(Did you mean list\?\)/ },
  { args: ['list'], says: /missing required argument 'dir'/ },
  { args: ['list', '.', 'again'], says: /too many arguments/ },
  {
    args: ['list', '.', '--polcies', 'x'],
    says: /unknown option '--polcies'\s+\(Did you mean --policies\?\)/,
  },
  { args: ['list', '/nowhere'], says: /pluginsDir/ },
  { args: ['list', '.', '--node-version', 'three'], says: /nodeVersion/ },
  { args: ['run', '/nowhere', '--once'], says: /pluginsDir/ },
  { args: ['run', '.', '--isolation', 'none'], says: /'none' is invalid.*process, thread/s },
  { args: ['run', '.', '--once', '--audit-log', '.'], says: /auditLog.*outside pluginsDir/s },
  { args: ['run', '.', '--once', '--crash-reports', 'crashes'], says: /crashReports.*outside pluginsDir/s },
  { args: ['crashes'], says: /missing required argument 'dir'/ },
  { args: ['crashes', '/nowhere'], says: /cannot be read/ },
  { args: ['crashes', '.', 'README.md'], says: /is no name of a crash report/ },
  { args: ['run', '.', '--port', '65536'], says: /--port.*from 0 to 65535/s },
  { args: ['run', '.', '--port', '1e3'], says: /--port/ },
  { args: ['run', '.', '--settings', '/nowhere.json'], says: /ENOENT.*nowhere\.json/s },
  { args: ['run', '.', '--settings', join(ROOT, 'README-not-there')], says: /cannot be read/ },
  { args: ['create'], says: /missing required argument 'name'/ },
  { args: ['audit'], says: /missing required argument 'dir'/ },
  { args: ['audit', '/nowhere'], says: /does not exist/ },
  { args: ['doctor', 'please'], says: /too many arguments/ },
  { args: ['attack', '--case', 'none'], says: /docs\/attack.md lists the attacks/ },
  { args: ['attack', '--chapter', 'none'], says: /one of memory, allocation loops/ },
  { args: ['attack', '--runs', '0'], says: /a whole number from 1 to 100/ },
  { args: ['attack', '/nowhere'], says: /does not exist|pluginsDir/ },
  { args: ['install'], says: /missing required argument 'dir'/ },
  { args: ['install', '/nowhere'], says: /does not exist/ },
  { args: ['install', '.', '--accept-updates', 'all'], says: /'all' is invalid.*none, code/s },
  { args: ['policy', 'chek'], says: /unknown command 'chek'\s+\(Did you mean check\?\)/ },
  { args: ['policy', 'check'], says: /missing required argument 'path'/ },
  { args: ['policy', 'check', '.', '--severity', 'none'], says: /'none' is invalid/ },
  { args: ['policy', 'translate', '/nowhere'], says: /there is no such file/ },
  { args: ['policy', 'translate', '-', '--dialect', 'java'], says: /'java' is invalid.*jdk, opensearch3/s },
  { args: ['policy', 'explain', 'a'], says: /missing required argument 'capability'/ },
  { args: ['policy', 'diff', '/nowhere', '/nowhere'], says: /there is no such file/ },
  { args: ['policy', 'schema', 'grant'], says: /'grant' is invalid.*policy, approval, plugin/s },
]

t.test('bad usage exits with 2 and says what is wrong, without a stack', async (t) => {
  for (const { args, says } of BAD) {
    const { code, out, err } = await bulkhead(args)
    t.equal(code, 2, args.join(' '))
    t.equal(out, '', 'nothing on standard output')
    t.match(err.replaceAll(/\s+/g, ' '), says)
    t.notMatch(err, /\n\s+at .*\.js:\d/, 'no stack')
  }
})

t.test('with --json what is wrong is one JSON document on standard output and nothing else', async (t) => {
  for (const { args, says } of BAD) {
    const { code, out, err } = await bulkhead([...args, '--json'])
    t.equal(code, 2, args.join(' '))
    t.equal(err, '')
    const { error } = JSON.parse(out) as { error: { code: string; message: string; detail: object } }
    t.equal(error.code, 'CONFIG_INVALID')
    t.match(JSON.stringify(error), new RegExp(says.source.replaceAll('\\s+', '.*'), 's'))
  }
})

t.test('without a command it prints its help on standard error', async (t) => {
  const { code, out, err } = await alone([])
  t.equal(code, 2)
  t.equal(out, '')
  t.match(err, /Usage: bulkhead/)
})

t.test('each command explains itself within 100 columns and names the exit codes', async (t) => {
  const commands = [
    [],
    ['run'],
    ['list'],
    ['create'],
    ['crashes'],
    ['audit'],
    ['doctor'],
    ['attack'],
    ['install'],
    ['policy'],
    ...['translate', 'check', 'explain', 'diff', 'schema'].map((name) => ['policy', name]),
  ]
  for (const command of commands) {
    const { code, out } = await bulkhead([...command, '--help'])
    t.equal(code, 0, command.join(' '))
    t.match(out, /Exit codes: 0 fine, 1 a finding, 2 bad usage, 3 could not run\./)
    t.same(
      out.split('\n').filter((line) => line.length > 100),
      [],
    )
  }
})

t.test('the version is that of the package', async (t) => {
  const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { version: string }
  t.same(await alone(['--version']), { code: 0, out: `${version}\n`, err: '' })
})

t.test('what cannot be run exits with 3 and says why in one line', async (t) => {
  const { code, err } = await bulkhead(['doctor'], { env: { TMPDIR: '/nowhere' } })
  t.equal(code, 3)
  t.match(err, /^COMMAND_FAILED {2}ENOENT[^\n]*\n([^\n]*\n)?$/)
})
