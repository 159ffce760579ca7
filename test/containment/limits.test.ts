// Whatever a plugin runs into, three are told: the operator by a number and an event, and whoever is concerned by one error.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import type { LimitEvent } from '../../lib/metrics/limit-meter.js'
import type { LimitAction, LimitName } from '../../lib/protocol/limit-hit.js'
import { openService, type PluginsService } from '../../lib/service.js'
import { writePlugin } from './write-plugin.js'

t.setTimeout(90_000)

const MIB = 1_048_576
const SOURCE = `
import fs from 'node:fs'
import net from 'node:net'
const codes = async (run) => {
  for (let n = 0; n < 9; n++) try { await run() } catch ({ name, code }) { return { body: code ?? name } }
  return { body: 'none' }
}
const listen = () => new Promise((resolve, reject) =>
  net.createServer().on('error', reject).listen(0, '127.0.0.1', resolve))
const kept = [], turn = () => new Promise((resolve) => setTimeout(resolve)) // so that pings are answered
const routes = {
  fine: () => ({ body: 'fine' }),
  large: () => ({ body: new Uint8Array(3e6) }),
  deep: () => ({ body: JSON.parse('['.repeat(99) + ']'.repeat(99)) }),
  never: (_, { signal }) => new Promise((resolve, reject) => signal.addEventListener('abort', reject)),
  loop: () => { for (;;); },
  heap: async () => { for (;; await turn()) for (let n = 0; n < 99; n++) kept.push(Array(1000).fill(n)) },
  buffers: async () => { for (;; await turn()) kept.push(new Uint8Array(4e6).fill(1)) },
  stack: () => codes(function deeper() { deeper() }),
  log: () => { for (let n = 0; n < 999; n++) console.log('x'.repeat(99)); return { body: 'fine' } },
  timers: () => codes(() => setTimeout(() => undefined, 1e6)),
  files: () => codes(() => fs.openSync('/data/file', 'a')),
  sockets: () => codes(listen),
  data: () => codes(() => fs.appendFileSync('/data/full', new Uint8Array(4e5))),
}
export default {
  rest: Object.entries(routes).map(([name, handle]) => ({ method: 'POST', path: '/' + name, handle })),
}`
const LIMITS = {
  heapMb: 32,
  externalMb: 32,
  blockedMs: 1000,
  callTimeoutMs: 500,
  inFlight: 2,
  queue: 4,
  callsPerSecond: 20,
  messageBytes: 2 * MIB,
  hostMb: 4,
  logBytesPerSecond: 1000,
  timers: 3,
  files: 2,
  sockets: 2,
  dataMb: 1,
}
const HANGS = `export default { start: () => new Promise(() => undefined) }`

interface Case {
  readonly tells: LimitAction | 'nothing'
  /** Gives the code of the one error, wherever that appears; `none` where there is only waiting. */
  readonly meet: (node: Node) => Promise<string>
  readonly error: string
}

const calls = (route: string, error: string, tells: LimitAction | 'nothing'): Case => ({
  tells,
  error,
  meet: ({ post }) => post(route),
})

/** A limit that no call meets in a moment is held by the test that is named. */
const CASES: Readonly<Record<LimitName, Case | `test/${string}.test.ts`>> = {
  messageBytes: calls('large', 'MESSAGE_TOO_LARGE', 'refused'),
  messageDepth: calls('deep', 'MESSAGE_TOO_LARGE', 'refused'),
  callTimeoutMs: calls('never', 'CALL_TIMEOUT', 'refused'),
  timers: calls('timers', 'ERR_TIMER_LIMIT', 'refused'),
  // Before the files: these stay open.
  dataMb: calls('data', 'EDQUOT', 'refused'),
  files: calls('files', 'EMFILE', 'refused'),
  sockets: calls('sockets', 'EMFILE', 'refused'),
  // The plugin knows, and goes on: V8 tells nobody else.
  stackMb: calls('stack', 'RangeError', 'nothing'),
  logBytesPerSecond: calls('log', 'fine', 'dropped'),
  callsPerSecond: {
    tells: 'slowed',
    error: 'fine',
    async meet({ post }) {
      for (let n = 0; n < LIMITS.callsPerSecond; n += 6) await last(6, () => post('fine'))
      return post('fine')
    },
  },
  inFlight: { tells: 'slowed', error: 'CALL_TIMEOUT', meet: ({ post }) => last(3, () => post('never')) },
  queue: { tells: 'refused', error: 'QUEUE_FULL', meet: ({ post }) => last(7, () => post('never')) },
  hostMb: {
    tells: 'refused',
    error: 'QUEUE_FULL',
    meet: ({ post }) => last(6, () => post('never', new Uint8Array(MIB))),
  },
  blockedMs: calls('loop', 'PLUGIN_BLOCKED', 'ended'),
  heapMb: calls('heap', 'PLUGIN_OUT_OF_MEMORY', 'ended'),
  externalMb: calls('buffers', 'PLUGIN_OUT_OF_MEMORY', 'ended'),
  startTimeoutMs: {
    tells: 'ended',
    error: 'CALL_TIMEOUT',
    meet: ({ service }) => Promise.resolve(infoOf(service, 'hangs').lastError?.code ?? 'none'),
  },
  youngMb: 'test/supervisor/worker-options.test.ts',
  cpuShare: 'test/supervisor/watchdog.test.ts',
  loopUse: 'test/supervisor/watchdog.test.ts',
  silentMs: 'test/supervisor/watchdog.test.ts',
  processes: 'test/supervisor/watchdog.test.ts',
  descriptors: 'test/walls/limits.test.ts',
  noticesPerSecond: 'test/rpc/rates.test.ts',
  bytesPerSecond: 'test/rpc/rates.test.ts',
  nodeTime: 'test/rpc/rates.test.ts',
}

interface Node {
  readonly service: PluginsService
  /** What came of the call: an error's code, or what the plugin answered. */
  post(route: string, body?: Uint8Array): Promise<string>
}

/** Only where the deadline itself is met it is short: the machine may be busy. */
const patience = (route: string): { readonly deadlineMs?: number } =>
  route === 'never' ? {} : { deadlineMs: 30_000 }

async function last(times: number, run: () => Promise<string>): Promise<string> {
  return (await Promise.all(Array.from({ length: times }, run))).at(-1) ?? 'none'
}

function infoOf(service: PluginsService, plugin: string) {
  const found = service.list().find(({ name }) => name === plugin)
  if (found === undefined) throw new Error(`no plugin ${plugin}`)
  return found
}

const root = await mkdtemp(join(tmpdir(), 'bulkhead-test-'))
const told: LimitEvent[] = []
const data = ['${plugin.data}/**']
await writePlugin(join(root, 'plugins'), 'meets', SOURCE, {
  policyVersion: 1,
  grant: { extensionPoints: ['rest:/**'], fs: { read: data, write: data }, net: { listen: ['127.0.0.1:0'] } },
  limits: LIMITS,
})
await writePlugin(join(root, 'plugins'), 'hangs', HANGS, {
  policyVersion: 1,
  grant: {},
  limits: { startTimeoutMs: 2000 },
})
const service = await openService(
  {
    pluginsDir: join(root, 'plugins'),
    dataDir: join(root, 'data'),
    nodeVersion: '3.2.0',
    breaker: false,
    restart: { initialMs: 10, maxCrashes: 100 },
  },
  { approveAll: true, onCreated: (created) => created.on('limit', (event) => told.push(event)) },
)
t.teardown(async () => {
  await service.stop()
  await rm(root, { recursive: true, force: true })
})

const node: Node = {
  service,
  post: (route, body) =>
    service
      .rest({ method: 'POST', path: `/${route}`, ...(body === undefined ? {} : { body }) }, patience(route))
      .then(
        ({ body: answer }) => (typeof answer === 'string' ? answer : JSON.stringify(answer)),
        ({ code }: { readonly code: string }) => code,
      ),
}

async function runs(): Promise<void> {
  while ((await node.post('fine')) !== 'fine') await new Promise((resolve) => setTimeout(resolve, 10))
}

for (const [limit, one] of Object.entries(CASES) as [LimitName, (typeof CASES)[LimitName]][]) {
  if (typeof one === 'string') continue
  const { tells, error, meet } = one
  t.test(limit, async (t) => {
    if (limit !== 'startTimeoutMs') await runs()
    if (!t.equal(await meet(node), error, 'the one who is concerned') || tells === 'nothing') return
    const tellsIt = (event: LimitEvent): boolean => event.limit === limit && event.action === tells
    while (!told.some(tellsIt)) await new Promise((resolve) => setTimeout(resolve, 10))
    const { plugin, most, count } = told.find(tellsIt) as LimitEvent
    t.ok(most > 0 && count > 0, 'an event with what it may')
    t.ok((infoOf(service, plugin).limitHits[limit] ?? 0) > 0, 'and a number')
  })
}
