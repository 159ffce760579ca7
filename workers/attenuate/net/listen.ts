/** Servers: decides about exactly the address that is bound, and hands on what connects to it. */
import type { Socket } from 'node:net'
import { serverEvents, type Deliver } from './events.js'
import { fromHost } from './failure.js'
import type { Address, NetGate, Target } from './gate.js'
import type { ServerEvents, ServerPowers } from './net.js'
import type { NetPowers } from './net-powers.js'
import { BEYOND, listenRequest, type ListenRequest } from './request.js'
import type { Resolve } from './resolve.js'
import { newSocket, type Sockets } from './sockets.js'

export interface ListenOptions {
  readonly powers: NetPowers
  readonly gate: NetGate
  readonly resolve: Resolve
  readonly sockets: Sockets
  readonly deliver: Deliver
}

/** Where a server is bound. */
interface Bound {
  readonly address: Address
  readonly ipv6Only: boolean
}

export function makeListen(options: ListenOptions): ServerPowers {
  const { powers, gate, sockets, deliver } = options
  return {
    listen(given, givenEvents) {
      sockets.checkRunning()
      const events = serverEvents(givenEvents)
      const request = listenRequest(given)
      if (request.beyond !== undefined) return gate.refuse('net.listen', request.beyond, BEYOND)
      const target = gate.read('net.listen', request.host ?? '::', request.port)
      sockets.admit('listen')
      const bound = boundOf(options, target, request)

      const host = powers.createServer()
      const id = sockets.add({ kind: 'server', host, events })
      const fail = (error: unknown): void => {
        sockets.remove(id)
        deliver(events.error, error)
      }
      bound.then(({ address: { address }, ipv6Only }) => {
        if (!sockets.isOpen(id)) return
        host.on('error', (error) => {
          fail(fromHost(powers.systemError, error, { syscall: 'listen', address, port: target.port }))
        })
        host.on('listening', () => {
          // It was closed in between, when there was nothing to close yet.
          if (!sockets.isOpen(id)) host.close()
          else deliver(events.listening)
        })
        host.on('close', () => {
          if (!sockets.isOpen(id)) return
          sockets.remove(id)
          deliver(events.close)
        })
        host.on('connection', (socket) => accept(options, socket, events))
        host.listen({ host: address, port: target.port, backlog: request.backlog, ipv6Only, exclusive: true })
      }, fail)
      return id
    },
    address(id) {
      const bound = sockets.server(id, 'getsockname').host.address()
      return bound === null || typeof bound === 'string' ? null : { ...bound }
    },
    closeServer(id) {
      const open = sockets.find(id)
      if (open?.kind !== 'server') return
      if (open.host.listening) {
        open.host.close()
      } else {
        sockets.remove(id as number)
        deliver(open.events.close)
      }
    },
  }
}

function accept({ sockets, deliver }: ListenOptions, host: Socket, events: ServerEvents): void {
  host.on('error', () => undefined) // until somebody adopts it
  if (!sockets.hasRoom()) {
    const { remoteAddress, remotePort } = host
    host.destroy()
    deliver(events.drop, remoteAddress, remotePort)
    return
  }
  const open = newSocket(host, undefined)
  const id = sockets.add(open)
  deliver(events.connection, id)
  if (open.events !== undefined) return
  sockets.remove(id)
  host.destroy()
}

/** Every address of the machine by IPv4; binding `::` takes it along unless told otherwise. */
const ANY: Address = { address: '0.0.0.0', family: 4, range: 'unspecified' }

/** @throws Error `EACCES` for what can be decided without resolving; the rest rejects */
function boundOf({ gate, resolve }: ListenOptions, target: Target, request: ListenRequest): Promise<Bound> {
  const kind = 'net.listen'
  const { address } = target
  if (address === undefined) {
    const named = gate.pass(kind, target)
    return resolve(target.host, 0).then((found) => {
      const [first] = gate.sift(kind, target, named, found)
      if (first === undefined) throw new Error('sift gives none')
      return { address: first, ipv6Only: first.address === '::' && !gate.allows(kind, ANY, target.port) }
    })
  }
  if (address.address !== '::') {
    gate.pass(kind, target)
    return Promise.resolve({ address, ipv6Only: false })
  }
  const alsoIpv4 = gate.allows(kind, ANY, target.port)
  if (alsoIpv4 && request.host === undefined && !gate.allows(kind, address, target.port)) {
    gate.pass(kind, { ...target, host: ANY.address, address: ANY })
    return Promise.resolve({ address: ANY, ipv6Only: false })
  }
  gate.pass(kind, target)
  return Promise.resolve({ address, ipv6Only: request.ipv6Only || !alsoIpv4 })
}
