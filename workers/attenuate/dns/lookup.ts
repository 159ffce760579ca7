/** Names and addresses as the system knows them: getaddrinfo and getnameinfo, on the thread pool of the process. */
import { integerIn, wrongType } from '../arguments.js'
import type { WorkLine } from '../work-line.js'
import type { Lookup as Lookups } from '../net/net-powers.js'
import { fromHost } from './failure.js'
import { fieldsIn, textIn } from './fields.js'
import type { DnsGate } from './gate.js'
import type { HostDns } from './host.js'
import type { Replies } from './reply.js'

export interface Lookup {
  /** Gives `[{ address, family }]`. @param options - `{ family, hints, order }` */
  lookup(hostname: unknown, options: unknown, done: unknown): void
  /** Gives `{ hostname, service }`. */
  lookupService(address: unknown, port: unknown, done: unknown): void
}

export interface LookupOptions {
  readonly host: HostDns
  readonly gate: DnsGate
  readonly replies: Replies
  readonly line: WorkLine
  /** Asks servers that the node names, instead of the system. */
  readonly ask: Lookups | undefined
}

const ORDERS = ['verbatim', 'ipv4first', 'ipv6first'] as const

export function makeLookup({ host, gate, replies, line, ask }: LookupOptions): Lookup {
  return {
    lookup(name, options, callback) {
      const reply = replies.take(callback)
      const hostname = textIn(name, 'hostname')
      const at = { syscall: 'getaddrinfo', hostname }
      const { family, hints, order } = fieldsIn(options)
      const { ADDRCONFIG, ALL, V4MAPPED } = host.hints
      const asked = {
        all: true,
        family: family === 4 || family === 6 ? family : 0,
        hints: typeof hints === 'number' ? hints & (ADDRCONFIG | ALL | V4MAPPED) : 0,
        order: ORDERS.find((one) => one === order) ?? 'verbatim',
      } as const
      if (!reply.passes(() => gate.passName(hostname, at))) return
      line.add((leave) => {
        const answer = (error: unknown, found: readonly Found[]): void => {
          leave()
          reply.give(() => {
            if (error !== null) throw fromHost(error, at)
            const plain = found.map(({ address, family: version }) => ({ address, family: version }))
            return gate.shown(plain, ({ address }) => address, at)
          })
        }
        if (ask === undefined) host.lookup(hostname, asked, answer)
        else askServers(ask, hostname, asked, host.isIP, answer)
      })
    },
    lookupService(value, givenPort, callback) {
      const reply = replies.take(callback)
      const address = textIn(value, 'address')
      const port = integerIn(givenPort, 'port', 0, 65_535)
      const at = { syscall: 'getnameinfo', hostname: address }
      if (host.isIP(address) === 0) throw wrongType('address', 'an IP address')
      if (!reply.passes(() => gate.passEndpoint(address, port, at))) return
      line.add((leave) => {
        host.lookupService(address, port, (error, hostname, service) => {
          leave()
          reply.give(() => {
            if (error !== null) throw fromHost(error, at)
            return { hostname, service }
          })
        })
      })
    },
  }
}

interface Found {
  readonly address: string
  readonly family: number
}

/** The same answer as the system's, from elsewhere. */
function askServers(
  ask: Lookups,
  name: string,
  { family, order }: { readonly family: 0 | 4 | 6; readonly order: (typeof ORDERS)[number] },
  isIP: (text: string) => number,
  answer: (error: unknown, found: readonly Found[]) => void,
): void {
  ask(name, family).then(
    (addresses) => {
      const found = addresses.map((address) => ({ address, family: isIP(address) }))
      const first = order === 'ipv6first' ? 6 : 4
      const isFirst = (one: Found): boolean => order === 'verbatim' || one.family === first
      answer(null, [...found.filter(isFirst), ...found.filter((one) => !isFirst(one))])
    },
    (error: unknown) => answer(error ?? {}, []),
  )
}
