/**
 * Node's own network functions, copied out while they can be had. Nothing here is
 * ever given to a plugin; from Node 25 on the permission flags of the thread stand
 * behind each of them.
 */
import type { Server, Socket } from 'node:net'
import type { HostModules } from '../host-modules.js'
import { takeSystemErrors, type SystemError } from '../system-errors.js'

export type Family = 4 | 6

/** How an address is connected to: literally, never by a name. */
export interface ConnectTo {
  readonly address: string
  readonly port: number
  readonly family: Family
  readonly noDelay: boolean
  readonly keepAlive: boolean
  readonly keepAliveInitialDelay: number
}

export interface NetPowers {
  /** A paused socket on its way to the address; both of its sides end by themselves only. */
  readonly connect: (to: ConnectTo) => Socket
  /** A server whose sockets come paused. */
  readonly createServer: () => Server
  /** All addresses of a name, in the order of the resolver. */
  readonly lookup: Lookup
  readonly systemError: SystemError
}

/** @param family - 0 for both */
export type Lookup = (name: string, family: 0 | Family) => Promise<readonly string[]>

/** Call before `closeBuiltins`. @param lookup - instead of the one of the system */
export function takeNetPowers({ net, dns }: HostModules, lookup: Lookup = systemLookup(dns)): NetPowers {
  const { Socket, createServer } = net
  return {
    connect({ address, port, family, ...options }) {
      const socket = new Socket({ allowHalfOpen: true })
      socket.pause()
      // An address is not looked up again by Node; `autoSelectFamily` has nothing to select from.
      return socket.connect({ host: address, port, family, autoSelectFamily: false, ...options })
    },
    createServer: () => createServer({ pauseOnConnect: true, allowHalfOpen: true }),
    lookup,
    systemError: takeSystemErrors(),
  }
}

function systemLookup({ lookup }: HostModules['dns']): Lookup {
  return (name, family) =>
    new Promise((resolve, reject) => {
      lookup(name, { all: true, family, verbatim: true }, (error, found) => {
        if (error === null) resolve(found.map(({ address }) => address))
        else reject(error)
      })
    })
}
