// Flags of plugin threads and their processes are never empty and never wider than the paths given.
import t from 'tap'
import { permitsNetwork } from '../../lib/policy/decide.js'
import { DEFAULT_LIMITS } from '../../lib/policy/document.js'
import type { Grant } from '../../lib/policy/grant.js'
import type { ProcessSettings } from '../../lib/powers.js'
import {
  processSettings,
  threadSettings,
  type ChildOptions,
  type Permissions,
} from '../../lib/supervisor/worker-options.js'

const NONE = { read: [], write: [], network: false }
const runtime = (nodeVersion: string) => ({ nodeVersion, hostScript: '/bulkhead/plugin-host.cjs' })

function childSettings(
  permissions: Permissions,
  nodeVersion: string,
  more: Partial<ChildOptions> = {},
): ProcessSettings {
  return processSettings({
    workDir: '/work',
    reservedCores: 1,
    generation: 7,
    limits: DEFAULT_LIMITS,
    niceness: { usual: 10, slowed: 19 },
    launcher: 'plain',
    permissions,
    runtime: runtime(nodeVersion),
    ...more,
  })
}

const UNGRANTED: Grant = {
  plugin: 'demo',
  request: {},
  packages: {},
  narrow: null,
  add: [],
  limits: DEFAULT_LIMITS,
  home: '/home',
  data: '/data',
  denied: { read: [], write: [] },
}

const LINES: readonly [string, string, boolean, boolean][] = [
  ['20.19.0', '--experimental-permission', false, false],
  ['22.13.0', '--permission', true, false],
  ['24.0.0', '--permission', true, false],
  ['25.0.0', '--permission', true, true],
  ['26.10.0', '--permission', true, true],
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
      const { execArgv } = childSettings(NONE, version)
      t.equal(execArgv[0], flag)
      t.same(
        execArgv.filter((one) => one.startsWith('--allow-')),
        ['--allow-worker', '--allow-fs-read=/bulkhead/plugin-host.cjs'],
      )
    },
  )
}

t.test('granted paths become flags one by one, in both', async (t) => {
  const paths = { read: ['/a', '/b,c'], write: ['/d'], network: false }
  const thread = threadSettings('demo', DEFAULT_LIMITS, paths, runtime('24.0.0')).execArgv
  const child = childSettings(paths, '24.0.0').execArgv
  for (const flags of [thread, child]) {
    for (const flag of ['--allow-fs-read=/a', '--allow-fs-read=/b,c', '--allow-fs-write=/d'])
      t.ok(flags.includes(flag), flag)
  }
})

t.test('what may be written is open to reading at this wall too, and each path comes once', async (t) => {
  const paths = { read: ['/a', '/d'], write: ['/d', '/c'], network: false }
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

t.test('limits of the policy become what the kernel holds against the process', async (t) => {
  const limits = {
    ...DEFAULT_LIMITS,
    heapMb: 10,
    youngMb: 20,
    externalMb: 30,
    stackMb: 4,
    files: 5,
    sockets: 6,
  }
  const { kernel } = childSettings(NONE, '24.0.0', { limits: { ...limits, dataMb: 7 } })
  const mebibytes = kernel.dataRoomBytes / 1_048_576
  t.ok(mebibytes > 64 && mebibytes < 64 + 200, 'all kinds of memory and a margin', { mebibytes })
  t.equal(kernel.openFiles, 11)
  t.equal(kernel.fileBytes, 7 * 1_048_576)
})

t.test('only the launcher bwrap has a sandbox, of the paths that the flags have', async (t) => {
  const paths = { read: ['/a'], write: ['/d'], network: false }
  t.equal(childSettings(paths, '24.0.0').sandbox, undefined)
  t.same(childSettings(paths, '24.0.0', { launcher: 'bwrap' }).sandbox, paths)
})

t.test('the network is a flag of the thread alone, where Node has one and the grant a rule', async (t) => {
  for (const [version, , , network] of LINES) {
    const open = { ...NONE, network: true }
    const thread = threadSettings('demo', DEFAULT_LIMITS, open, runtime(version)).execArgv
    t.equal(thread.includes('--allow-net'), network, `Node ${version}`)
    t.notOk(childSettings(open, version).execArgv.includes('--allow-net'))
  }
})

t.test(
  'any rule about the network opens it at this wall, unless the operator leaves none of it',
  async (t) => {
    const rules = (net: object) => ({ net })
    const cases: readonly [string, Partial<Grant>, boolean][] = [
      ['nothing', {}, false],
      ['files only', { request: { fs: { read: ['/a'] } } }, false],
      ['connect', { request: rules({ connect: ['a.example:1'] }) }, true],
      ['listen', { request: rules({ listen: ['127.0.0.1:0'] }) }, true],
      ['an empty list', { request: rules({ connect: [] }) }, false],
      ['of a package', { packages: { left: rules({ connect: ['a.example:1'] }) } }, true],
      [
        'narrowed',
        { request: rules({ connect: ['a.example:1'] }), narrow: rules({ connect: ['b.example:1'] }) },
        true,
      ],
      [
        'narrowed to nothing',
        { request: rules({ connect: ['a.example:1'] }), narrow: rules({ connect: [] }) },
        false,
      ],
      ['added', { add: [{ grant: rules({ connect: ['a.example:1'] }), reason: 'test' }] }, true],
    ]
    for (const [name, part, expected] of cases) {
      const grant = { ...UNGRANTED, ...part } as Grant
      t.equal(permitsNetwork(grant), expected, name)
    }
  },
)
