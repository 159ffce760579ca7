// Flags of plugin threads and their processes are never empty and never wider than the paths given.
import t from 'tap'
import { DEFAULT_LIMITS } from '../../lib/policy/document.js'
import { processSettings, threadSettings } from '../../lib/supervisor/worker-options.js'

const NONE = { read: [], write: [] }
const runtime = (nodeVersion: string) => ({ nodeVersion, hostScript: '/bulkhead/plugin-host.cjs' })

const LINES: readonly [string, string, boolean][] = [
  ['20.19.0', '--experimental-permission', false],
  ['22.13.0', '--permission', true],
  ['24.0.0', '--permission', true],
  ['26.10.0', '--permission', true],
]

for (const [version, flag, evalFlag] of LINES) {
  t.test(`Node ${version}: a thread is started with ${flag}`, async (t) => {
    const { execArgv } = threadSettings('demo', DEFAULT_LIMITS, NONE, runtime(version))
    t.equal(execArgv[0], flag)
    t.equal(execArgv.includes('--eval=0'), evalFlag, 'from 22 on a worker may read the cwd without it')
    t.ok(execArgv.includes('--no-addons'))
    t.notOk(
      execArgv.some((one) => one.startsWith('--allow-')),
      'no permission without a grant',
    )
  })
  t.test(
    `Node ${version}: a process may start its worker and read its own script, nothing else`,
    async (t) => {
      const { execArgv } = processSettings('/empty', 7, NONE, runtime(version))
      t.equal(execArgv[0], flag)
      t.same(
        execArgv.filter((one) => one.startsWith('--allow-')),
        ['--allow-worker', '--allow-fs-read=/bulkhead/plugin-host.cjs'],
      )
    },
  )
}

t.test('granted paths become flags one by one, in both', async (t) => {
  const paths = { read: ['/a', '/b,c'], write: ['/d'] }
  const thread = threadSettings('demo', DEFAULT_LIMITS, paths, runtime('24.0.0')).execArgv
  const child = processSettings('/empty', 7, paths, runtime('24.0.0')).execArgv
  for (const flags of [thread, child]) {
    for (const flag of ['--allow-fs-read=/a', '--allow-fs-read=/b,c', '--allow-fs-write=/d'])
      t.ok(flags.includes(flag), flag)
  }
})

t.test('what may be written is open to reading at this wall too, and each path comes once', async (t) => {
  const paths = { read: ['/a', '/d'], write: ['/d', '/c'] }
  const { execArgv } = threadSettings('demo', DEFAULT_LIMITS, paths, runtime('24.0.0'))
  t.same(
    execArgv.filter((one) => one.startsWith('--allow-')),
    [
      ...['/a', '/c', '/d', '/proc/self/fd/'].map((path) => `--allow-fs-read=${path}`),
      ...['/d', '/c'].map((path) => `--allow-fs-write=${path}`),
    ],
  )
})

t.test('limits of the policy become the resource limits of the thread', async (t) => {
  const limits = { ...DEFAULT_LIMITS, heapMb: 99, youngMb: 7, stackMb: 3 }
  t.same(threadSettings('demo', limits, NONE, runtime('22.13.0')).resourceLimits, {
    maxOldGenerationSizeMb: 99,
    maxYoungGenerationSizeMb: 7,
    stackSizeMb: 3,
  })
})
