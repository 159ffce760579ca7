// What was opened is decided about again: a file that another process swaps between the decision and the opening,
// for a link, a FIFO or a device, is closed and never given out. The system is a table here, so the swap is certain.
import { constants } from 'node:fs'
import t from 'tap'
import { DEFAULT_LIMITS } from '../../lib/policy/document.js'
import { freezeGrant } from '../../lib/policy/grant.js'
import type { FilePowers } from '../../workers/attenuate/fs/file-powers.js'
import { makeGate } from '../../workers/attenuate/fs/gate.js'
import { makeNames } from '../../workers/attenuate/fs/names.js'
import { makeOpen } from '../../workers/attenuate/fs/open.js'
import { makeQuota } from '../../workers/attenuate/fs/quota.js'
import { makeSettle } from '../../workers/attenuate/fs/settle.js'

const grant = freezeGrant({
  plugin: 'test',
  request: { fs: { read: ['/home/plugin/**', '/run/named'], write: [] } },
  packages: {},
  narrow: null,
  add: [],
  limits: DEFAULT_LIMITS,
  home: '/home/plugin',
  data: '/home/data',
  denied: { read: [], write: [] },
})

type Kind = 'file' | 'directory' | 'fifo'
const entry = (kind: Kind): unknown => ({
  isFile: () => kind === 'file',
  isDirectory: () => kind === 'directory',
  isSymbolicLink: () => false,
})

/** @param opened - where the kernel says that the open file lies, and what it is */
function openWith(opened: { readonly path: string; readonly kind: Kind }): {
  readonly open: (path: string) => number
  readonly closed: number[]
} {
  const closed: number[] = []
  const powers = {
    constants,
    platform: 'linux',
    realpath: (path: string) => path,
    lstatSync: () => entry('file'),
    openSync: () => 42,
    fstatSync: () => entry(opened.kind),
    readlinkSync: () => opened.path,
    closeSync: (descriptor: number) => void closed.push(descriptor),
    systemError: () => ({ errno: -13, text: 'permission denied' }),
  } as unknown as FilePowers
  const names = makeNames(grant.home, grant.data)
  const gate = makeGate({ grant, powers, names, tell: () => undefined })
  const quota = makeQuota({
    powers,
    data: grant.data,
    roots: [],
    mostBytes: 0,
    unlinkedBytes: () => 0,
    reached: () => undefined,
  })
  const open = makeOpen(powers, gate, makeSettle(powers, names, gate), quota)
  return { open: (path) => open(path, constants.O_RDONLY, 0o666).descriptor, closed }
}

t.test('the file that was asked for is given', (t) => {
  const { open, closed } = openWith({ path: '/home/plugin/a', kind: 'file' })
  t.equal(open('/plugin/a'), 42)
  t.same(closed, [])
  t.end()
})

for (const [what, opened] of [
  ['another file, outside', { path: '/etc/shadow', kind: 'file' }],
  ['a FIFO in its place', { path: '/home/plugin/a', kind: 'fifo' }],
  ['a FIFO outside', { path: '/run/other', kind: 'fifo' }],
  ['a file that was removed', { path: '/home/elsewhere (deleted)', kind: 'file' }],
] as const) {
  t.test(`${what}: closed, not given`, (t) => {
    const { open, closed } = openWith(opened)
    t.throws(() => open('/plugin/a'), { code: 'EACCES' })
    t.same(closed, [42])
    t.end()
  })
}

t.test('a FIFO that a rule names is given', (t) => {
  const { open } = openWith({ path: '/run/named', kind: 'fifo' })
  t.equal(open('/run/named'), 42)
  t.end()
})
