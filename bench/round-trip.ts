/** A real call (200 bytes each way, routed, checked, through the compartment) against what a user would write instead. */
import { runPlugin, type RunningPlugin } from 'bulkhead/testing'
import type { Isolation } from 'bulkhead'
import { comlinkPeer, postMessagePeer, socketpairPeer, type Peer } from './peers.js'
import { compared, median, quantile, result, type Result } from './stats.js'

const ROUNDS = 7
const CALLS: readonly [inFlight: number, calls: number][] = [
  [1, 3000],
  [16, 10_000],
  [200, 20_000],
]
/** Bytes of a frame around a 200-byte body with its method and routing; raw peers carry as many. */
const REQUEST_BYTES = 360
const REPLY_BYTES = 280

const SOURCE = `
import { definePlugin } from 'bulkhead/plugin'
export default definePlugin({
  rest: [{ method: 'GET', path: '/_plugins/_bench', handle: (request) => ({ body: request.body }) }],
})`

/** 200 bytes of JSON. */
const BODY = { text: 'x'.repeat(170), number: 1234567 }

async function pluginPeer(isolation: Isolation): Promise<Peer> {
  const limits = { inFlight: 256, queue: 1024 }
  const policy = { grant: { extensionPoints: ['rest:/**'] }, limits }
  const plugin: RunningPlugin = await runPlugin({ source: SOURCE, isolation, policy })
  const call = { method: 'GET', path: '/_plugins/_bench', body: BODY }
  return { call: () => plugin.rest(call), close: () => plugin.stop() }
}

interface Measured {
  readonly p50: number
  readonly p99: number
  readonly perSecond: number
}

/** @returns latencies in microseconds and calls a second, `inFlight` callers asking one after another */
async function measure(peer: Peer, inFlight: number, calls: number): Promise<Measured> {
  const latencies: number[] = []
  let left = calls
  const caller = async (): Promise<void> => {
    while (left-- > 0) {
      const begun = performance.now()
      await peer.call()
      latencies.push((performance.now() - begun) * 1000)
    }
  }
  const begun = performance.now()
  await Promise.all(Array.from({ length: inFlight }, caller))
  const seconds = (performance.now() - begun) / 1000
  return { p50: median(latencies), p99: quantile(latencies, 0.99), perSecond: calls / seconds }
}

export async function roundTrip(): Promise<readonly Result[]> {
  const peers: readonly [string, Peer][] = [
    ['raw postMessage', postMessagePeer(REQUEST_BYTES, REPLY_BYTES)],
    ['raw socketpair', socketpairPeer('thread', REQUEST_BYTES, REPLY_BYTES)],
    ['raw socketpair to a main thread', socketpairPeer('main', REQUEST_BYTES, REPLY_BYTES)],
    ['comlink', comlinkPeer(REQUEST_BYTES, REPLY_BYTES)],
    ["'thread'", await pluginPeer('thread')],
    ["'process'", await pluginPeer('process')],
  ]
  for (const [, peer] of peers) await measure(peer, 16, 5000) // compiled before it counts
  const results: Result[] = []
  for (const [inFlight, calls] of CALLS) {
    const rounds = new Map<string, Measured[]>(peers.map(([name]) => [name, []]))
    for (let round = 0; round < ROUNDS; round++) {
      for (const [name, peer] of peers) rounds.get(name)?.push(await measure(peer, inFlight, calls))
    }
    const figure = (peer: string, of: keyof Measured): number =>
      median((rounds.get(peer) ?? []).map((measured) => measured[of]))
    for (const [of, unit] of [
      ['p50', 'us'],
      ['p99', 'us'],
      ['perSecond', 'calls/s'],
    ] as const) {
      const named = (peer: string): string => `${peer}, ${inFlight} in flight, ${of}`
      const post = result(named('raw postMessage'), figure('raw postMessage', of), unit)
      const socket = result(named('raw socketpair'), figure('raw socketpair', of), unit)
      results.push(
        post,
        compared(named('comlink'), figure('comlink', of), unit, post),
        compared(named("'thread'"), figure("'thread'", of), unit, post),
        socket,
        compared(
          named('raw socketpair to a main thread'),
          figure('raw socketpair to a main thread', of),
          unit,
          socket,
        ),
        compared(named("'process'"), figure("'process'", of), unit, socket),
      )
    }
  }
  for (const [, peer] of peers) await peer.close()
  return results
}
