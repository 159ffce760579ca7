/** Two channels that face each other over any pair of ports, with fake clocks and a record of what each sends. */
import { PluginError, type ErrorCode } from '../../lib/errors.js'
import { DEFAULT_WIRE_LIMITS, type WireLimits } from '../../lib/protocol/limits.js'
import { makeChannel, type Channel, type ChannelOptions, type IncomingCall } from '../../lib/rpc/channel.js'
import type { Port } from '../../lib/rpc/port.js'
import { makeFakeClock, type FakeClock } from './fake-clock.js'

export type SideOptions = Partial<Omit<ChannelOptions, 'limits' | 'port'>> & {
  readonly limits?: Partial<WireLimits>
  /** As the host is towards a plugin. */
  readonly servesNothing?: boolean
}

export interface Side {
  readonly channel: Channel
  readonly clock: FakeClock
  /** Times the port was asked to send, and the bytes of each. */
  readonly sends: number[]
}

export const PEER_CODES: ReadonlySet<ErrorCode> = new Set([
  'ACCESS_DENIED',
  'METHOD_UNKNOWN',
  'PLUGIN_ERROR',
  'MESSAGE_TOO_LARGE',
  'QUEUE_FULL',
])

export const GENERATION = 7
export const NO_HURRY = { deadlineMs: 1000 } as const

export function echo({ value, sections }: IncomingCall): { value: unknown; sections: readonly Uint8Array[] } {
  return { value, sections }
}

export function makeSide(port: Port, { servesNothing = false, ...options }: SideOptions = {}): Side {
  const clock = makeFakeClock()
  const sends: number[] = []
  const channel = makeChannel({
    generation: GENERATION,
    queue: 16,
    clock,
    defer: (run) => process.nextTick(run),
    ...(servesNothing ? {} : { serve: echo }),
    onNotice: () => undefined,
    peerCodes: PEER_CODES,
    fallbackCode: 'PLUGIN_ERROR',
    lostError: () => new PluginError('PLUGIN_CRASHED'),
    ...options,
    limits: { ...DEFAULT_WIRE_LIMITS, ...options.limits },
    port: {
      send(chunks) {
        sends.push(chunks.reduce((bytes, chunk) => bytes + chunk.length, 0))
        port.send(chunks)
      },
      listen: (receiver) => port.listen(receiver),
      close: () => port.close(),
      get buffered() {
        return port.buffered
      },
      ...(port.pause === undefined || port.resume === undefined
        ? {}
        : { pause: port.pause, resume: port.resume }),
    },
  })
  return { channel, clock, sends }
}

/** Opens both sides; `near` calls, `far` serves, unless a test does it the other way round. */
export async function openPair(
  [one, other]: readonly [Port, Port],
  nearOptions: SideOptions = {},
  farOptions: SideOptions = {},
): Promise<{ readonly near: Side; readonly far: Side }> {
  const near = makeSide(one, nearOptions)
  const far = makeSide(other, farOptions)
  await Promise.all([near.channel.opened, far.channel.opened])
  return { near, far }
}

/** Everything sent before has arrived, was handled, and what that caused has come back. */
export async function settle({ channel }: Side, times = 3): Promise<void> {
  for (let round = 0; round < times; round++) await channel.ping()
}

export interface Gate {
  readonly opened: Promise<void>
  open(): void
}

/** A promise that a test resolves. */
export function makeGate(): Gate {
  let open!: () => void
  const opened = new Promise<void>((resolve) => (open = resolve))
  return { opened, open }
}

export async function collect(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks)
}
