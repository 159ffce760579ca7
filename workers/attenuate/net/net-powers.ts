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
  /** The same from these DNS servers; `localhost` stays with the system. */
  readonly lookupAt: (servers: readonly string[]) => Lookup
  readonly systemError: SystemError
}

/** @param family - 0 for both */
export type Lookup = (name: string, family: 0 | Family) => Promise<readonly string[]>

/** Call before `closeBuiltins`. */
export function takeNetPowers({ net, dns }: Pick<HostModules, 'net' | 'dns'>): NetPowers {
  const { Socket, createServer } = net
  const lookup = systemLookup(dns)
  const { Resolver } = dns
  return {
    connect({ address, port, family, noDelay, keepAlive, keepAliveInitialDelay }) {
      const socket = new Socket({ allowHalfOpen: true })
      socket.pause()
      // Each option by name: an address is not looked up again by Node, so no other host may get in here.
      return socket.connect({
        host: address,
        port,
        family,
        autoSelectFamily: false,
        noDelay,
        keepAlive,
        keepAliveInitialDelay,
      })
    },
    createServer: () => createServer({ pauseOnConnect: true, allowHalfOpen: true }),
    lookup,
    lookupAt: (servers) => serverLookup(new Resolver(), servers, lookup),
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

type Resolver = InstanceType<HostModules['dns']['Resolver']>

/** Codes of DNS as `getaddrinfo` says the same; what is not here stays as it is. */
const CODES: Readonly<Record<string, string>> = { ENODATA: 'ENOTFOUND', ETIMEOUT: 'EAI_AGAIN' }

function serverLookup(resolver: Resolver, servers: readonly string[], system: Lookup): Lookup {
  resolver.setServers(servers)
  const ask = (name: string, family: Family): Promise<readonly string[]> =>
    new Promise((resolve, reject) => {
      const answer = (error: NodeJS.ErrnoException | null, found: readonly string[]): void => {
        if (error === null) resolve(found)
        else reject(Object.assign(new Error(), { code: CODES[error.code ?? ''] ?? error.code }))
      }
      if (family === 4) resolver.resolve4(name, answer)
      else resolver.resolve6(name, answer)
    })
  return async (name, family) => {
    if (name === 'localhost' || name.endsWith('.localhost')) return system(name, family)
    if (family !== 0) return ask(name, family)
    const [v4, v6] = await Promise.allSettled([ask(name, 4), ask(name, 6)])
    const found = [v4, v6].flatMap((one) => (one.status === 'fulfilled' ? one.value : []))
    if (found.length === 0 && v4.status === 'rejected') throw v4.reason
    return found
  }
}
