/**
 * Who may ask about what: a name where `net.connect` could lead to it at any port, an
 * address likewise. An answer keeps only addresses that are public or granted by
 * themselves: a name service must not become a map of the network the node stands in.
 */
import { decide, type Decision } from '../../../lib/policy/decide.js'
import type { Grant } from '../../../lib/policy/grant.js'
import { readHost } from '../../../lib/policy/match.js'
import type { Tell } from '../tell.js'
import { denied, type Call } from './failure.js'

export interface DnsGate {
  /** @throws Error `EACCES` with the `rule` that decided; the host hears of it */
  passName(name: string, call: Call): void
  /** The same for the address that is asked about. */
  passAddress(address: string, call: Call): void
  /** The same for an address at one port: a service, or a server to ask. */
  passEndpoint(address: string, port: number, call: Call): void
  /** The items whose address may be shown. @throws as `passName` when there were some and none is left */
  shown<T>(items: readonly T[], addressOf: (item: T) => string | undefined, call: Call): readonly T[]
}

/** Labels of services in front of a name, as in `_ldap._tcp.example.com`, belong to that name (RFC 8552). */
const SERVICE_LABELS = /^(?:_[^.]*\.)+/
/** Names that spell addresses; `reverse` asks the same and is decided by the address. */
const SPELLS_ADDRESS = /\.(?:in-addr|ip6)\.arpa\.?$/i

/** A rule has to spell these names (lib/policy/host.ts), and then it means the machine itself. */
const LOCAL = /^(?:.*\.)?localhost\.?$/i

export function makeDnsGate(grant: Grant, tell: Tell, eacces: number): DnsGate {
  const settle = (
    operation: string,
    resource: string,
    answer: Pick<Decision, 'allowed' | 'rule'>,
    call: Call,
  ): void => {
    tell(operation, resource, answer)
    if (!answer.allowed) throw denied(call, eacces, answer.rule)
  }
  const resolve = (host: string): Decision => decide(grant, { kind: 'net.resolve', host })
  const byName = (name: string): Pick<Decision, 'allowed' | 'rule'> => {
    if (SPELLS_ADDRESS.test(name)) return { allowed: false, rule: 'names of addresses are for reverse()' }
    const answer = resolve(name)
    return answer.allowed ? answer : resolve(name.replace(SERVICE_LABELS, ''))
  }
  const mayShow = (address: string, local: boolean): boolean => {
    const host = readHost(address)
    const range = host?.kind === 'address' ? host.address.range() : 'unknown'
    return range === 'unicast' || (local && range === 'loopback') || resolve(address).allowed
  }
  return {
    passName: (name, call) => settle('net.resolve', name, byName(name), call),
    passAddress: (address, call) => settle('net.resolve', address, resolve(address), call),
    passEndpoint(address, port, call) {
      const resource = `${address.includes(':') ? `[${address}]` : address}:${port}`
      settle('net.connect', resource, decide(grant, { kind: 'net.connect', host: address, port }), call)
    },
    shown(items, addressOf, call) {
      const local = LOCAL.test(call.hostname)
      const left = items.filter((item) => {
        const address = addressOf(item)
        return address === undefined || mayShow(address, local)
      })
      if (left.length === 0 && items.length > 0) {
        const rule = 'it leads only to addresses of special networks, and nothing grants one of them'
        settle('net.resolve', call.hostname, { allowed: false, rule }, call)
      }
      return left
    },
  }
}
