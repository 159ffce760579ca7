/**
 * What the plugin's own `dns` (workers/builtins/dns) stands on: functions of plain
 * values, each decided by the grant (gate.ts). Denials and failures come through the
 * callback, as in Node; only what no call of Node's would accept is thrown.
 */
import type { Grant } from '../../../lib/policy/grant.js'
import type { Harden } from '../../lockdown.js'
import type { NetPowers } from '../net/net-powers.js'
import type { Realm } from '../realm.js'
import type { Tell } from '../tell.js'
import type { WorkLine } from '../work-line.js'
import { methodsOf } from './answers.js'
import { makeDnsGate } from './gate.js'
import type { HostDns } from './host.js'
import { makeLookup, type Lookup } from './lookup.js'
import { makeQueries, type Query } from './query.js'
import { makeReplies } from './reply.js'

export interface DnsPowers extends Lookup, Query {
  /** 4, 6, or 0 for what is no address. */
  addressFamily(text: unknown): number
  readonly hints: HostDns['hints']
  /** The methods of a Resolver that ask, as far as this Node has them. */
  readonly methods: readonly string[]
}

export interface DnsOptions {
  readonly grant: Grant
  /** Where names are resolved; by the system when there are none. */
  readonly servers: readonly string[]
  readonly lookupAt: NetPowers['lookupAt']
  /** Of all lookups of the plugin. */
  readonly line: WorkLine
  readonly realm: Realm
  readonly harden: Harden
  readonly tell: Tell
  readonly onUncaught: (error: unknown) => void
}

export interface DnsKit {
  readonly dns: DnsPowers
  /** Ends what is under way, without a word; each call after it throws `PLUGIN_STOPPED`. */
  teardown(): void
}

export function makeDns(options: DnsOptions): DnsKit {
  const { grant, servers, line, realm, harden, tell, onUncaught } = options
  const { dns: host, queueMicrotask: soon } = realm
  const gate = makeDnsGate(grant, tell, host.eacces)
  const replies = makeReplies(soon, onUncaught)
  const ask = servers.length === 0 ? undefined : options.lookupAt(servers)
  const { cancelAll, ...queries } = makeQueries({ host, gate, replies, soon, servers })
  const dns: DnsPowers = {
    ...makeLookup({ host, gate, replies, line, ask }),
    ...queries,
    addressFamily: (text) => (typeof text === 'string' ? host.isIP(text) : 0),
    hints: { ...host.hints },
    methods: methodsOf(host.methods),
  }
  return {
    dns: harden(dns),
    teardown() {
      replies.stop()
      line.close()
      cancelAll()
    },
  }
}
