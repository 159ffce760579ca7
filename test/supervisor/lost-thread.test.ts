// A thread that does not end when it is told to is given up after two seconds, and nothing it sends later is heard.
import { MessageChannel } from 'node:worker_threads'
import t from 'tap'
import { PluginError } from '../../lib/errors.js'
import type { ExitReport, LaunchPowers, SpawnedThread, ThreadBoot } from '../../lib/powers.js'
import { DEFAULT_WIRE_LIMITS } from '../../lib/protocol/limits.js'
import { makeChannel } from '../../lib/rpc/channel.js'
import { messagePortPort } from '../../lib/rpc/port.js'
import type { LaunchedPlugin } from '../../lib/supervisor/launch.js'
import { launchThread } from '../../lib/supervisor/thread.js'
import { makeFakeClock, type FakeClock } from '../rpc/fake-clock.js'

const BOOT: ThreadBoot = {
  generation: 1,
  limits: DEFAULT_WIRE_LIMITS,
  queue: 1,
  rates: {},
  says: { bytesPerSecond: 1, linesPerSecond: 1 },
  niceness: 0,
  openPaths: [],
  openNetwork: false,
}
const SETTINGS = {
  name: 'plugin test',
  execArgv: [],
  resourceLimits: { maxOldGenerationSizeMb: 1, maxYoungGenerationSizeMb: 1, stackSizeMb: 1 },
}
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

function launchFake(
  clock: FakeClock,
  port: SpawnedThread['port'],
): { readonly launched: LaunchedPlugin; readonly exit: () => void } {
  let end: (report: ExitReport) => void = () => undefined
  let terminated: () => void = () => undefined
  const thread: SpawnedThread = {
    threadId: 7,
    port,
    exited: new Promise((resolve) => (end = resolve)),
    heapBytes: () => Promise.resolve(null),
    loopUse: () => 1,
    cpuMs: () => Promise.resolve(null),
    terminate: () => new Promise((resolve) => (terminated = resolve)),
  }
  const powers = { spawnThread: () => thread } as unknown as LaunchPowers
  const exit = (): void => {
    terminated()
    end({ code: 1, signal: null, cause: 'exit', outputTail: '' })
  }
  return { launched: launchThread(SETTINGS, BOOT, powers, clock), exit }
}

t.test('one that ends in time is not lost', async (t) => {
  const clock = makeFakeClock()
  const { port1, port2 } = new MessageChannel()
  const { launched, exit } = launchFake(clock, port1)
  launched.kill()
  launched.kill()
  t.equal(clock.pending, 1, 'one patience, however often it is ended')
  clock.advance(1999)
  exit()
  t.equal((await launched.exited).cause, 'exit')
  await launched.gone
  t.equal(clock.pending, 0)
  port1.close()
  port2.close()
})

t.test('one that does not end is lost, fenced, and gone at last', async (t) => {
  const clock = makeFakeClock()
  const { port1, port2 } = new MessageChannel()
  const { launched, exit } = launchFake(clock, port1)
  const heard: string[] = []
  const options = {
    generation: 1,
    limits: DEFAULT_WIRE_LIMITS,
    queue: 8,
    clock,
    defer: (run: () => void) => queueMicrotask(run),
    peerCodes: new Set<never>(),
    fallbackCode: 'PLUGIN_ERROR' as const,
    lostError: () => new PluginError('PLUGIN_CRASHED'),
  }
  const host = makeChannel({ ...options, port: launched.port, onNotice: (method) => void heard.push(method) })
  const plugin = makeChannel({ ...options, port: messagePortPort(port2), onNotice: () => undefined })
  await Promise.all([host.opened, plugin.opened])
  plugin.notify('before', { value: null })
  while (heard.length === 0) await turn()

  // As run.ts ends a run: the channel first, the thread then.
  host.close(new PluginError('PLUGIN_BLOCKED'))
  launched.kill()
  plugin.notify('late', { value: null })
  let isGone = false
  void launched.gone.then(() => (isGone = true))
  clock.advance(2000)
  t.equal((await launched.exited).cause, 'lost')
  plugin.notify('later', { value: null })
  for (let n = 0; n < 10; n++) await turn()
  t.same(heard, ['before'])
  t.equal(isGone, false, 'it still runs')
  exit()
  await launched.gone
  port2.close()
})
