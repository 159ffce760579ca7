// The walls of a plugin thread hold when they are up, and the check says which one is down when it is.
import t from 'tap'
import type { WallReport } from '../../workers/self-check.js'
import { FLAGS, startThread, type ThreadError } from './thread.js'

t.test('with the permission flags every wall holds, seen from inside', async (t) => {
  const thread = await startThread(t)
  const walls = (await thread.send({ kind: 'walls' })) as readonly WallReport[]
  t.ok(walls.length >= 14)
  t.same(
    walls.filter(({ holds }) => !holds),
    [],
  )
})

/** Whether the permission flags of this Node cover the network. */
const KNOWS_NETWORK = Number.parseInt(process.versions.node, 10) >= 25

/** What leaves a wall down -> the walls that must say so. */
const DOWN: Readonly<Record<string, readonly [readonly string[], readonly string[]]>> = {
  'no flags at all': [
    [],
    [
      'fs.read',
      'fs.list',
      'fs.write',
      'worker',
      'child-process',
      'binding',
      'inspector',
      'addons',
      'permission-flags',
      ...(KNOWS_NETWORK ? ['network'] : []),
    ],
  ],
  'read of everything': [
    [...FLAGS, '--allow-fs-read=*'],
    ['fs.read', 'fs.list', 'permission-flags'],
  ],
  'write of everything': [
    [...FLAGS, '--allow-fs-write=*'],
    ['fs.write', 'permission-flags'],
  ],
  threads: [
    [...FLAGS, '--allow-worker'],
    ['worker', 'permission-flags'],
  ],
  ...(KNOWS_NETWORK
    ? {
        network: [
          [...FLAGS, '--allow-net'],
          ['network', 'permission-flags'],
        ] as const,
      }
    : {}),
  programs: [
    [...FLAGS, '--allow-child-process'],
    ['child-process', 'permission-flags'],
  ],
}

t.test('a wall that is down is named', async (t) => {
  for (const [name, [flags, expected]] of Object.entries(DOWN)) {
    const thread = await startThread(t, { flags })
    const walls = (await thread.send({ kind: 'walls' })) as readonly WallReport[]
    const down = walls.filter(({ holds }) => !holds).map(({ wall }) => wall)
    t.same(down.sort(), [...expected].sort(), name)
    t.ok(
      walls.every(({ required }) => required),
      'and all are required unless the caller says otherwise',
    )
  }
})

t.test('what was closed stays closed for code that holds the raw objects', async (t) => {
  const thread = await startThread(t)
  for (const code of [
    'process.kill',
    'process.exit',
    'process.binding',
    'process.getBuiltinModule',
    'module._load',
    'os.setPriority',
    'new Worker',
  ]) {
    t.match(
      await thread.send({ kind: 'trusted', code }).catch((error: ThreadError) => error),
      { code: 'ERR_ACCESS_DENIED' },
      code,
    )
  }
  const closed = (await thread.send({ kind: 'closed' })) as readonly string[]
  const expected = [
    'process.kill process._kill process.reallyExit process.exit process.abort process.dlopen process.binding process._linkedBinding',
    'process.getBuiltinModule process.setuid process.setgid process.chdir process.umask process._getActiveHandles process.report',
    'os.setPriority module._load module.createRequire Module.prototype.require vm.runInThisContext workerThreads.Worker',
    'childProcess.spawn inspector.Session globalThis.require globalThis.fetch globalThis.WebAssembly globalThis.BroadcastChannel',
  ].flatMap((line) => line.split(' '))
  t.same(
    expected.filter((name) => !closed.includes(name)),
    [],
  )
})

t.test('Node goes on working after the closing', async (t) => {
  const thread = await startThread(t)
  t.same(await thread.send({ kind: 'trusted', code: 'node works' }), {
    timer: true,
    hash: '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824',
    decoded: 'ü',
    emitted: 1,
    stream: 'through a stream',
    port: 'through a port',
  })
})

t.test('an error that nobody catches ends this thread, and the process goes on', async (t) => {
  const thread = await startThread(t, { mayDie: true })
  await t.rejects(
    thread.evaluate(
      'module.exports = async () => { Promise.reject(new Error("left alone")); await new Promise(() => {}) }',
    ),
    /left alone/,
  )
  t.equal(await thread.exited, 1, 'as Node ends a thread, not in the middle of ending it')
  const other = await startThread(t)
  t.equal(await other.value('1 + 1'), 2)
})
