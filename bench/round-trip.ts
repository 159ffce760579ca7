/** A real call (200 bytes each way, routed, checked, through the compartment) against what a user would write instead. */
import { runPlugin, type RunningPlugin } from 'bulkhead/testing'
import type { Isolation } from 'bulkhead'
import { comlinkPeer, postMessagePeer, socketpairPeer, type Load, type Peer } from './peers.js'
import { compared, median, quantile, result, type Result } from './stats.js'

const ROUNDS = 5
const CALLS: readonly [inFlight: number, calls: number][] = [
  [1, 3000],
  [16, 10_000],
  [200, 20_000],
]
/** 200 bytes of JSON. */
const BODY = { text: 'x'.repeat(170), number: 1234567 }
/** What the frames of that call carry, so that every peer moves as many bytes. */
const LOAD: Load = {
  request: {
    route: 0,
    method: 'GET',
    path: '/_plugins/_bench',
    params: {},
    query: {},
    headers: {},
    body: { kind: 'json', value: BODY },
  },
  reply: { status: 200, headers: {}, body: { kind: 'json', value: BODY } },
}

const SOURCE = `
import { definePlugin } from 'bulkhead/plugin'
export default definePlugin({
  rest: [{ method: 'GET', path: '/_plugins/_bench', handle: (request) => ({ body: request.body }) }],
})`

async function pluginPeer(isolation: Isolation): Promise<Peer> {
  // What is measured is the way itself, so no rate stands in it.
  const rates = { callsPerSecond: 1_000_000, bytesPerSecond: 1_073_741_824 }
  const limits = { inFlight: 256, queue: 1024, ...rates }
  const policy = { grant: { extensionPoints: ['rest:/**'] }, limits }
  const plugin: RunningPlugin = await runPlugin({ source: SOURCE, isolation, policy })
  const call = { method: 'GET', path: '/_plugins/_bench', body: BODY }
  return { call: () => plugin.rest(call), close: () => plugin.stop() }
}

const POST = 'raw postMessage'
const SOCKET = 'raw socketpair'

/** The transport a peer is compared on. */
function baseOf(peer: string): string {
  return peer === "'process'" || peer.startsWith(SOCKET) ? SOCKET : POST
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
  const work = 'making and parsing'
  const peers: readonly [string, Peer][] = [
    [POST, postMessagePeer(work, LOAD)],
    [SOCKET, socketpairPeer(work, 'one a message', LOAD)],
    [`${SOCKET}, writes merged`, socketpairPeer(work, 'merged', LOAD)],
    [`${POST}, moving only`, postMessagePeer('moving', LOAD)],
    [`${SOCKET}, moving only, writes merged`, socketpairPeer('moving', 'merged', LOAD)],
    ['comlink', comlinkPeer(LOAD)],
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
      for (const base of [POST, SOCKET]) {
        const reference = result(named(base), figure(base, of), unit)
        results.push(reference)
        for (const [name] of peers) {
          if (name !== base && baseOf(name) === base)
            results.push(compared(named(name), figure(name, of), unit, reference))
        }
      }
    }
  }
  for (const [, peer] of peers) await peer.close()
  return results
}
