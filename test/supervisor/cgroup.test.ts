// A plugin's process gets a cgroup of its own exactly where the kernel hands one out; elsewhere nothing is left behind.
// The files are made up: no machine of ours has a cgroup v2 with controllers.
import t from 'tap'
import { DEFAULT_LIMITS } from '../../lib/policy/document.js'
import type { CgroupFiles } from '../../lib/powers.js'
import { findCgroupHome, joinCgroup } from '../../lib/supervisor/cgroup.js'

const ALL = 'cpuset cpu io memory pids\n'

interface Tree extends CgroupFiles {
  readonly all: Map<string, string>
}

/** @param refused - paths that cannot be made or written */
function treeOf(given: Readonly<Record<string, string>>, refused: readonly string[] = []): Tree {
  const all = new Map(Object.entries(given))
  const isRefused = (path: string): boolean => refused.some((one) => path.endsWith(one))
  return {
    all,
    read: (path) => all.get(path),
    write: (path, text) => !isRefused(path) && all.set(path, text).size > 0,
    makeDirectory: (path) => !isRefused(path) && all.set(path, '').size > 0,
    removeDirectory(path) {
      for (const key of all.keys()) if (key === path || key.startsWith(`${path}/`)) all.delete(key)
      return true
    },
  }
}

const NODE = '/sys/fs/cgroup/node.service'
const HOMES: readonly [string, Readonly<Record<string, string>>, readonly string[], object][] = [
  ['no cgroup', {}, [], { none: 'there is no cgroup v2' }],
  ['v1 only', { '/proc/self/cgroup': '4:memory:/x\n1:cpu:/x\n' }, [], { none: 'there is no cgroup v2' }],
  [
    'v2 without controllers',
    { '/proc/self/cgroup': '1:cpu:/x\n0::/\n', '/sys/fs/cgroup/cgroup.subtree_control': '\n' },
    [],
    { none: '/sys/fs/cgroup hands out no cpu, memory, pids' },
  ],
  [
    'its own group',
    { '/proc/self/cgroup': '0::/node.service\n', [`${NODE}/cgroup.subtree_control`]: ALL },
    [],
    { path: NODE },
  ],
  [
    'the group above',
    { '/proc/self/cgroup': '0::/node.service/main\n', [`${NODE}/cgroup.subtree_control`]: ALL },
    [],
    { path: NODE },
  ],
  [
    'one that cannot be written',
    { '/proc/self/cgroup': '0::/\n', '/sys/fs/cgroup/cgroup.subtree_control': ALL },
    ['/probe'],
    { none: 'no group can be made in /sys/fs/cgroup' },
  ],
]

for (const [name, given, refused, expected] of HOMES) {
  t.test(name, async (t) => {
    const files = treeOf(given, refused)
    t.same(findCgroupHome(files, 'probe'), expected)
    t.same(Object.fromEntries(files.all), given, 'nothing is left')
  })
}

const START = { pid: 42, rssBytes: 50 * 1_048_576, threads: 11 }
const LIMITS = { ...DEFAULT_LIMITS, cpuShare: 0.25, heapMb: 100, youngMb: 30, externalMb: 56 }

const HANDS_OUT = { '/proc/self/cgroup': '0::/node.service\n', [`${NODE}/cgroup.subtree_control`]: ALL }
const OWN = `${NODE}/bulkhead-42`

t.test('a process in its group', async (t) => {
  const files = treeOf(HANDS_OUT)
  const cgroup = joinCgroup(files, LIMITS, START)
  const made = {
    ...HANDS_OUT,
    [OWN]: '',
    [`${OWN}/memory.max`]: String(300 * 1_048_576),
    [`${OWN}/memory.oom.group`]: '1',
    [`${OWN}/pids.max`]: '27',
    [`${OWN}/cgroup.procs`]: '42',
  }
  t.same(Object.fromEntries(files.all), made)
  cgroup?.slow(true)
  t.equal(files.all.get(`${OWN}/cpu.max`), '25000 100000')
  cgroup?.slow(false)
  t.equal(files.all.get(`${OWN}/cpu.max`), 'max 100000')
  cgroup?.leave()
  t.same(Object.fromEntries(files.all), HANDS_OUT)
})

for (const refused of ['/bulkhead-42', 'memory.max', 'cgroup.procs']) {
  t.test(`${refused} refused`, async (t) => {
    const files = treeOf(HANDS_OUT, [refused])
    t.equal(joinCgroup(files, LIMITS, START), undefined)
    t.same(Object.fromEntries(files.all), HANDS_OUT, 'nothing is left')
  })
}
