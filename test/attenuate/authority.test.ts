// Whatever a plugin can reach, by any path, is its own or beyond change: nothing of the host, nothing shared.
import t, { type Test } from 'tap'
import type { AuthorityReport, FindingKind } from '../../lib/protocol/authority.js'
import { OWN_MODULES } from '../../workers/attenuate/modules.js'
import { startDnsServer } from './dns-server.js'
import { fileThread, grantOf, makeWorld, usual } from './fs-world.js'
import { startThread, type Thread } from './thread.js'

t.setTimeout(110_000)

/** A crawl holds all that it has met. */
const ROOM = { heapMb: 512 }

/** The machine itself, and names that the test's own server knows. */
const NETWORK = {
  connect: ['127.0.0.1:1-65535', 'localhost:1-65535', 'a.test:443', '*.a.test:443', '10.1.2.3:443'],
  listen: ['127.0.0.1:0'],
}

/** Of a plugin with every grant. */
async function grantedThread(t: Test): Promise<Thread> {
  const world = makeWorld(t)
  const { port } = await startDnsServer(t)
  const rules = { ...usual(world), net: NETWORK }
  return fileThread(t, grantOf(world, rules), { ...ROOM, dnsServers: [`127.0.0.1:${port}`] })
}

t.test(
  'a plugin with every grant reaches nothing of the host, and every function of every module was tried',
  async (t) => {
    const thread = await grantedThread(t)
    const report = (await thread.send({ kind: 'audit' })) as AuthorityReport
    t.same(report.findings, [])
    t.same(
      report.unexercised,
      [],
      'each has an exercise, or a reason why none can work (workers/crawl/exercises)',
    )
    t.same(report.failed, [])
    t.ok(report.complete)
    t.same(report.modules.toSorted(), [...OWN_MODULES].toSorted())
    t.ok(report.objects > 20_000, `${report.objects} objects`)
    t.ok(report.functions > 5000, `${report.functions} functions`)
  },
)

t.test('nor does one that nothing is granted to, whatever it is refused with', async (t) => {
  const thread = await startThread(t, ROOM)
  const report = (await thread.send({ kind: 'audit' })) as AuthorityReport
  t.same(report.findings, [])
})

/** Each leak of leaks.ts -> what it must be found as, and where. */
const FOUND: Readonly<Record<string, readonly [kind: FindingKind, path: string]>> = {
  process: ['process', '.deep.inner'],
  'the prototype of process': ['process', ''],
  'a method of process': ['host-object', '.run'],
  'the Function of the host': ['host-function', '.made.constructor'],
  'the eval of the host': ['host-function', '.evaluate'],
  'a maker of code by another name': ['host-function', '.compile'],
  'the untamed Error': ['host-object', '.Failure'],
  'a loader': ['module-loader', '.load.cache'],
  'the module class': ['module-loader', '.Module'],
  'a MessagePort': ['message-port', '.port'],
  'the class of MessagePort': ['message-port', '[Symbol(port)]'],
  'a socket': ['host-object', '.ask(callback)→callback→1'],
  'this of a callback': ['host-object', '.ask(callback)→callback→this'],
  'a native handle': ['native-handle', '.handle'],
  'a server in a rejection': ['host-object', '.ask()→rejected'],
  'a stream': ['host-object', '.open()'],
  'the emitter of the host': ['host-object', '.Emitter'],
  'a file function': ['host-object', '.read'],
  'a Buffer of the host': ['host-object', '.read()'],
  'a part of a pool': ['shared-memory', '.read()'],
  'an array of trusted code': ['shared-mutable', '.list'],
  'an array that a getter gives': ['shared-mutable', '.list'],
  'a Map of trusted code': ['shared-mutable', '.counts'],
  'a Map behind a Map': ['shared-mutable', '.values()[0].inner'],
  'a function that is not frozen': ['shared-mutable', '.never'],
  'the same bytes for everyone': ['shared-memory', '.read().buffer'],
  'an array that each call gives': ['shared-mutable', '.list()'],
  'an argument of an event': ['host-object', '.open().on(error)→0'],
  'an element of an iterator': ['host-object', '.open()[iterator].next()→resolved.value'],
  'a prototype for everyone': ['shared-mutable', '.open().[[Prototype]]'],
  'an entry of a Set': ['host-object', '.values()[0]'],
  'a description of a symbol': ['host-path', '.tag'],
  'a path in an error': ['host-path', '.open()→thrown.message'],
  'a path as a key': ['host-path', '.open()'],
  'the path of the program': ['host-path', '.argv0'],
  'a stack of trusted code': ['host-path', '.open().trace'],
}

/** Of thread-entry.ts: what trusted code gives each plugin by itself, and forgot to freeze. */
const MADE_FOR_ONE = 'context.extra'

t.test('each leak that is planted is found, with the path to it', async (t) => {
  const thread = await grantedThread(t)
  const { findings, modules } = (await thread.send({ kind: 'audit', leaks: true })) as AuthorityReport
  t.same(modules.toSorted(), Object.keys(FOUND).toSorted(), 'every leak was planted')
  for (const [name, [kind, path]] of Object.entries(FOUND)) {
    const module = `require(${JSON.stringify(name)})`
    const own = findings.filter((finding) => finding.path.startsWith(module))
    t.ok(
      own.some((finding) => finding.kind === kind && finding.path === module + path),
      `${name}: ${JSON.stringify(own.slice(0, 5))}`,
    )
  }
  t.ok(
    findings.some(({ kind, path }) => kind === 'shared-mutable' && path === MADE_FOR_ONE),
    'what is made for one plugin has to be frozen too',
  )
  t.same(
    findings.filter(
      ({ path }) =>
        path !== MADE_FOR_ONE &&
        !Object.keys(FOUND).some((name) => path.startsWith(`require(${JSON.stringify(name)})`)),
    ),
    [],
    'and nothing else is',
  )
})
