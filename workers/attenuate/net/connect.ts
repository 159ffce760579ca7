/**
 * Makes a connection: decides, resolves once, decides about what that gave, and
 * connects to one of the addresses that are left, by its digits.
 */
import { tryInTurn } from './attempts.js'
import { socketEvents, type Deliver } from './events.js'
import { readAddress, type Address, type NetGate, type Target } from './gate.js'
import type { SocketEvents, SocketPowers } from './net.js'
import type { NetPowers } from './net-powers.js'
import { BEYOND, connectRequest, type ConnectRequest } from './request.js'
import type { Resolve } from './resolve.js'
import { newSocket, type Sockets } from './sockets.js'
import type { Streams } from './stream.js'

export interface ConnectOptions {
  readonly powers: NetPowers
  readonly gate: NetGate
  readonly resolve: Resolve
  readonly sockets: Sockets
  readonly streams: Streams
  readonly deliver: Deliver
  readonly setTimeout: (run: () => void, delayMs: number) => unknown
  readonly clearTimeout: (timer: unknown) => void
  readonly setImmediate: (run: () => void) => unknown
}

export function makeConnect(options: ConnectOptions): SocketPowers['connect'] {
  const { powers, gate, resolve, sockets, streams, deliver } = options
  return (given, givenEvents) => {
    sockets.checkRunning()
    const events = socketEvents(givenEvents)
    const request = connectRequest(given)
    const { noDelay, keepAlive, keepAliveInitialDelay } = request
    if (request.beyond !== undefined) return gate.refuse('net.connect', request.beyond, BEYOND)
    const target = gate.read('net.connect', request.host, request.port)
    sockets.admit('connect')
    let ended = false
    const unlessEnded: Deliver = (callback, ...values) => {
      if (!ended) deliver(callback, ...values)
    }
    const addresses = addressesOf({ gate, resolve, deliver: unlessEnded }, target, request, events)

    const open = newSocket(undefined, events)
    const id = sockets.add(open)
    let endAttempts = (): void => undefined
    open.abandon = () => {
      ended = true
      endAttempts()
    }
    const fail = (error: unknown): void => {
      if (ended) return
      open.abandon = undefined
      deliver(events.error, error)
      options.setImmediate(() => {
        sockets.remove(id)
        deliver(events.close, true)
      })
    }
    const begin = (found: readonly Address[]): void => {
      if (ended) return
      endAttempts = tryInTurn({
        powers,
        addresses: found,
        to: { port: target.port, noDelay, keepAlive, keepAliveInitialDelay },
        timeoutMs: request.attemptTimeout,
        setTimeout: options.setTimeout,
        clearTimeout: options.clearTimeout,
        begun: ({ address, family }) => deliver(events.attempt, address, target.port, family),
        failed: ({ address, family }, error) =>
          deliver(events.attemptFailed, address, target.port, family, error),
        connected(host) {
          open.abandon = undefined
          streams.wire(id, open, host, events)
          deliver(events.connect)
        },
        exhausted: fail,
      })
      if (ended) endAttempts() // by the plugin, when it heard of the first attempt
    }
    addresses.then(begin, fail)
    return id
  }
}

/**
 * Where the connection may go.
 * @throws Error `EACCES` for what can be decided without resolving; the rest rejects
 */
function addressesOf(
  { gate, resolve, deliver }: Pick<ConnectOptions, 'gate' | 'resolve' | 'deliver'>,
  target: Target,
  request: ConnectRequest,
  events: SocketEvents,
): Promise<readonly Address[]> {
  const kind = 'net.connect'
  if (target.address !== undefined) {
    gate.pass(kind, target)
    return Promise.resolve([target.address])
  }
  const offered = request.addresses?.flatMap((text) => readAddress(text) ?? [])
  const own = offered?.filter((address) => gate.allows(kind, address, target.port)) ?? []
  if (own.length > 0) {
    gate.passAddresses(kind, target, own)
    return Promise.resolve(own)
  }
  const named = gate.pass(kind, target)
  const answered = (found: readonly Address[]): readonly Address[] => {
    if (offered === undefined) return gate.sift(kind, target, named, found)
    const known = new Set(found.map(({ address }) => address))
    return gate.sift(
      kind,
      target,
      named,
      offered.filter(({ address }) => known.has(address)),
    )
  }
  return resolve(target.host, request.family).then(
    (found) => {
      const kept = answered(found) // the plugin hears of no address that it may not connect to
      if (offered === undefined) {
        for (const { address, family } of kept) deliver(events.lookup, null, address, family, target.host)
      }
      return kept
    },
    (error: unknown) => {
      gate.toldName(kind, target, named)
      deliver(events.lookup, error, undefined, undefined, target.host)
      throw error
    },
  )
}
