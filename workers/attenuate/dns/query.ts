/**
 * Questions to DNS servers. Each has a resolver of Node's for itself, so that what one
 * sets, its servers above all, means nothing to another, and ending one ends no other.
 */
import { refusal } from '../refusal.js'
import { methodOf, readRecords } from './answers.js'
import { fromHost, type Call } from './failure.js'
import { fieldsIn, textIn, timesIn } from './fields.js'
import type { DnsGate } from './gate.js'
import type { HostDns } from './host.js'
import type { Replies } from './reply.js'
import { readServers, serverText } from './servers.js'

export interface Query {
  /**
   * Gives the records; those of A and AAAA as `{ address, ttl }`. Returns a number of the plugin's own.
   * @param type - as in a zone file, `ANY`, or `REVERSE` for the names of an address
   * @param options - `{ timeout, tries, maxTimeout, servers }`
   */
  query(type: unknown, name: unknown, options: unknown, done: unknown): number
  /** Ends a query, if it is still under way, with `ECANCELLED`. */
  cancel(id: unknown): void
  /** The servers as Node writes them. @throws Error `ERR_INVALID_IP_ADDRESS`; `EACCES` for one that is not granted */
  checkServers(servers: unknown): readonly string[]
}

export interface QueryOptions {
  readonly host: HostDns
  readonly gate: DnsGate
  readonly replies: Replies
  readonly soon: (run: () => void) => void
  /** Who is asked when the plugin names nobody; those of the system when there are none. */
  readonly servers: readonly string[]
}

interface Queries extends Query {
  cancelAll(): void
}

/** Each query under way has a socket and memory of its own outside the heap. */
const MOST_QUERIES = 64

export function makeQueries({ host, gate, replies, soon, servers: usual }: QueryOptions): Queries {
  const underWay = new Map<number, { cancel(): void }>()
  let lastId = 0
  const servers = (value: unknown, at: Call): readonly string[] =>
    readServers(value, host.isIP).map((server) => {
      gate.passEndpoint(server.address, server.port, at)
      return serverText(server)
    })
  return {
    query(givenType, value, options, callback) {
      const reply = replies.take(callback)
      const name = textIn(value, 'name')
      const { type, method, syscall } = methodOf(givenType, host.methods)
      const at = { syscall, hostname: name }
      const fields = fieldsIn(options)
      const resolver = new host.Resolver(timesIn(fields))
      if (underWay.size >= MOST_QUERIES) {
        const message = `${MOST_QUERIES} queries of this plugin are under way: await some first`
        throw refusal('ERR_DNS_QUERY_LIMIT', message)
      }
      lastId += 1
      const id = lastId
      const decideAll = (): void => {
        if (type === 'REVERSE') gate.passAddress(name, at)
        else gate.passName(name, at)
        if (fields['servers'] !== undefined) resolver.setServers(servers(fields['servers'], at))
        else if (usual.length > 0) resolver.setServers(usual)
      }
      if (!reply.passes(decideAll)) return id
      underWay.set(id, resolver)
      const settled = (error: unknown, found?: unknown): void => {
        underWay.delete(id)
        reply.give(() => {
          if (error !== null && error !== undefined) throw fromHost(error, at)
          return readRecords(type, found, (items, addressOf) => gate.shown(items, addressOf, at))
        })
      }
      const ask = Reflect.get(resolver, method) as (...values: readonly unknown[]) => void
      const values = type === 'A' || type === 'AAAA' ? [name, { ttl: true }, settled] : [name, settled]
      try {
        Reflect.apply(ask, resolver, values)
      } catch (error) {
        soon(() => settled(error))
      }
      return id
    },
    cancel: (id) => underWay.get(id as number)?.cancel(),
    checkServers: (value) => servers(value, { syscall: 'setServers', hostname: '' }),
    cancelAll() {
      for (const resolver of underWay.values()) resolver.cancel()
    },
  }
}
