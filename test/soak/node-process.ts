/**
 * The node under soak, in a process of its own so that what it uses is its own: the
 * example node over real plugins, a fixed corpus to search, and an IPC channel by which
 * the driver samples it and plays its operator. Ends when the driver is gone.
 */
import { shiftClock } from './shifted-clock.js'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import {
  emptyClusterState,
  memoryClusterState,
  PluginError,
  PluginsService,
  type PluginsServiceOptions,
} from 'bulkhead'
import { firstState } from '../../examples/search-node/cluster.js'
import { indexPassages, readPassages } from '../../examples/search-node/documents.js'
import { NODE_VERSION, startNode } from '../../examples/search-node/node.js'
import type { PluginHost } from '../../examples/search-node/plugin-host.js'
import { makeCallTally, type CallTally } from './call-tally.js'
import { CORPUS, type FromNode, type NodeSample, type ToNode } from './messages.js'
import { keepLedger } from './plugin-ledger.js'

const PASSAGES = 2000
/** Deadline of a call that names none: limits.callTimeoutMs when the policy says nothing. */
const CALL_TIMEOUT_MS = 5000
/** The histogram counts its own interval too. */
const LOOP_RESOLUTION_MS = 10

const { gc } = globalThis
const loop = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS })
const tell = (message: FromNode): void => void (process.connected && process.send?.(message))

/** The plugins as the routes see them, with every call counted. */
function counted(service: PluginsService, tally: CallTally): PluginHost {
  const count = async <T>(kind: string, deadlineMs: number, call: Promise<T>): Promise<T> => {
    const end = tally.begin(kind, deadlineMs)
    try {
      const result = await call
      end({ ending: 'result', label: 'answered' })
      return result
    } catch (error) {
      const coded = error instanceof PluginError
      end({ ending: coded ? 'error' : 'broken', label: coded ? error.code : String(error) })
      throw error
    }
  }
  return {
    list: () => service.list(),
    rest: (call, options) => count('rest', CALL_TIMEOUT_MS, service.rest(call, options)),
    ingest: (type, config, documents, options) =>
      count(
        'ingest',
        options?.deadlineMs ?? CALL_TIMEOUT_MS,
        service.ingest(type, config, documents, options),
      ),
  }
}

async function main(options: PluginsServiceOptions): Promise<void> {
  const clusterState = memoryClusterState(emptyClusterState('soak'))
  clusterState.publish('node starts', () => firstState('127.0.0.1:9300', NODE_VERSION))
  const service = await PluginsService.start({ ...options, nodeVersion: NODE_VERSION, clusterState })
  const counts = keepLedger(service)
  const tally = makeCallTally(() => performance.now())
  const node = await startNode({ clusterState, plugins: counted(service, tally), ports: [0] })
  await indexPassages(node.store, CORPUS, [...readPassages()].slice(-PASSAGES), () => undefined)

  const sample = (collect: boolean): NodeSample => {
    if (collect) gc?.()
    const { heapUsed, external } = process.memoryUsage()
    const taken: NodeSample = {
      heapBytes: collect ? heapUsed : null,
      externalBytes: external,
      loopP99Ms: loopDelay(loop.percentile(99)),
      loopMaxMs: loopDelay(loop.max),
      calls: tally.counts(),
      counts: counts(),
      plugins: service.list().map(({ name, state, pid }) => ({ name, state, pid })),
    }
    loop.reset()
    return taken
  }
  const stop = async (): Promise<void> => {
    await node.close()
    await service.stop()
    loop.disable()
  }
  process.on('message', (message: ToNode) => {
    switch (message.kind) {
      case 'sample':
        return tell({ kind: 'sample', sample: sample(message.gc) })
      case 'clock':
        return shiftClock(message.offsetMs)
      case 'release':
        return service.release(message.plugin)
      case 'stop':
        return void stop().then(() => {
          tell({ kind: 'stopped', sample: sample(true) })
          process.disconnect() // nothing else keeps it alive: that it ends now is a part of what is checked
        })
    }
  })
  loop.enable()
  if (!process.connected) return stop() // the driver went while this started
  process.once('disconnect', () => void stop())
  tell({ kind: 'ready', url: node.url })
}

function loopDelay(nanoseconds: number): number {
  return Math.max(0, Math.round(nanoseconds / 1e4) / 100 - LOOP_RESOLUTION_MS)
}

process.on('SIGINT', () => undefined) // a terminal sends it to both; the driver decides when it is over
await main(JSON.parse(process.argv[2] ?? '{}') as PluginsServiceOptions)
