/** Node's own name functions, copied out while they can be had. Nothing here is ever given to a plugin. */
import dns from 'node:dns'
import { isIP } from 'node:net'
import { takeSystemErrors } from '../system-errors.js'

export interface HostDns {
  readonly lookup: typeof dns.lookup
  readonly lookupService: typeof dns.lookupService
  readonly Resolver: typeof dns.Resolver
  /** Methods of a Resolver that this Node has. */
  readonly methods: ReadonlySet<string>
  readonly isIP: typeof isIP
  /** `ADDRCONFIG`, `ALL`, `V4MAPPED`: other bits on other systems. */
  readonly hints: Readonly<Record<'ADDRCONFIG' | 'ALL' | 'V4MAPPED', number>>
  /** `errno` of EACCES on this system. */
  readonly eacces: number
}

/** Call before `closeBuiltins`. */
export function takeDns(): HostDns {
  const { lookup, lookupService, Resolver, ADDRCONFIG, ALL, V4MAPPED } = dns
  const { errno: eacces = -13 } = takeSystemErrors()('EACCES') ?? {}
  return {
    lookup,
    lookupService,
    Resolver,
    methods: new Set(Object.getOwnPropertyNames(Resolver.prototype)),
    isIP,
    hints: { ADDRCONFIG, ALL, V4MAPPED },
    eacces,
  }
}
