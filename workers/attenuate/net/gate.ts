/**
 * The decision before each connection and each listening: the grant answers for the
 * host as it is named and for the addresses that the name leads to. Every answer is
 * told to the host once; a denial is thrown as the API's own EACCES.
 */
import { decide, type Decision } from '../../../lib/policy/decide.js'
import type { Grant } from '../../../lib/policy/grant.js'
import { readHost } from '../../../lib/policy/match.js'
import { integerIn, wrongType } from '../arguments.js'
import type { SystemError } from '../system-errors.js'
import type { Tell } from '../tell.js'
import { denied, endpointText } from './failure.js'
import type { Family } from './net-powers.js'

export type NetKind = 'net.connect' | 'net.listen'

/** An address in its one plain form; an IPv4-mapped one is the IPv4 address that it reaches. */
export interface Address {
  readonly address: string
  readonly family: Family
  /** Of ipaddr.js: `unicast` is public, every other range is special. */
  readonly range: string
}

/** Where a plugin wants to go, read once. */
export interface Target {
  readonly host: string
  readonly port: number
  /** `undefined` for a name. */
  readonly address: Address | undefined
}

export interface NetGate {
  /** @throws TypeError for what is no text, `EACCES` for what is neither a plain name nor a plain address */
  read(kind: NetKind, host: unknown, port: unknown): Target
  /** Decides about the host alone; told when it is denied or is an address. @throws Error `EACCES` */
  pass(kind: NetKind, target: Target): Decision
  /** Whether the grant names this address itself. Nobody hears of it. */
  allows(kind: NetKind, address: Address, port: number): boolean
  /**
   * Those of the addresses that the rule for the name may lead to: public ones, and
   * special ones that are granted by themselves. Told. @throws Error `EACCES` when it is none
   */
  sift(kind: NetKind, target: Target, named: Decision, found: readonly Address[]): readonly Address[]
  /** Tells that the plugin goes to these addresses, each granted by itself, under a name. */
  passAddresses(kind: NetKind, target: Target, own: readonly Address[]): void
  /** Tells that the name was granted; for when it leads nowhere. */
  toldName(kind: NetKind, target: Target, named: Decision): void
  /** Denies what no rule can name. */
  refuse(kind: NetKind, what: string, rule: string): never
}

export interface GateOptions {
  readonly grant: Grant
  readonly systemError: SystemError
  readonly tell: Tell
}

const SYSCALL: Readonly<Record<NetKind, string>> = { 'net.connect': 'connect', 'net.listen': 'listen' }
/** Longest text of a host that is shown. */
const MOST_SHOWN = 300

export function readAddress(text: string): Address | undefined {
  const host = readHost(text)
  if (host?.kind !== 'address') return undefined
  const { address } = host
  return { address: address.toString(), family: address.kind() === 'ipv4' ? 4 : 6, range: address.range() }
}

export function makeGate({ grant, systemError, tell }: GateOptions): NetGate {
  const refuse = (kind: NetKind, resource: string, rule: string, shown: object): never => {
    tell(kind, resource, { allowed: false, rule })
    throw denied(systemError, { syscall: SYSCALL[kind], ...shown }, rule)
  }
  const allows: NetGate['allows'] = (kind, { address }, port) =>
    decide(grant, { kind, host: address, port }).allowed
  return {
    allows,
    read(kind, host, port) {
      if (typeof host !== 'string') throw wrongType('host', 'a string')
      const number = integerIn(port, 'port', 0, 65_535)
      const read = readHost(host)
      const shown = host.slice(0, MOST_SHOWN)
      if (read === undefined) {
        const rule = 'the host is neither a plain name nor a plain address'
        return refuse(kind, endpointText(shown, number), rule, { address: shown, port: number })
      }
      if (read.kind === 'name') return { host: read.name, port: number, address: undefined }
      const address = readAddress(host)
      return { host: address?.address ?? host, port: number, address }
    },
    pass(kind, { host, port, address }) {
      const answer = decide(grant, { kind, host, port })
      const resource = endpointText(host, port)
      if (!answer.allowed) refuse(kind, resource, answer.rule, { address: host, port })
      if (address !== undefined) tell(kind, resource, answer)
      return answer
    },
    sift(kind, { host, port }, named, found) {
      const local = host === 'localhost' || host.endsWith('.localhost')
      const kept = found.filter(
        (address) =>
          address.range === 'unicast' ||
          (local && address.range === 'loopback') ||
          allows(kind, address, port),
      )
      const shown = (kept.length > 0 ? kept : found).map(({ address }) => address).join(', ')
      const resource = `${endpointText(host, port)} -> ${shown}`
      if (kept.length === 0) {
        // The node hears where; the plugin does not, or names would be a map of the inner network.
        // Without names in the rule: whoever answers for them could make more rules than the audit tells apart.
        const rule = 'the name leads to no public address; any other needs a rule of its own'
        tell(kind, resource, { allowed: false, rule })
        throw denied(systemError, { syscall: SYSCALL[kind], address: host, port }, rule)
      }
      tell(kind, resource, named)
      return kept
    },
    passAddresses(kind, { host, port }, own) {
      const shown = own.map(({ address }) => address).join(', ')
      const [first] = own
      if (first === undefined) return
      const answer = decide(grant, { kind, host: first.address, port })
      tell(kind, `${endpointText(host, port)} -> ${shown}`, answer)
    },
    toldName: (kind, { host, port }, named) => tell(kind, endpointText(host, port), named),
    refuse: (kind, what, rule) => refuse(kind, what.slice(0, MOST_SHOWN), rule, {}),
  }
}
