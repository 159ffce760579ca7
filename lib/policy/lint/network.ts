/**
 * Addresses and networks as the linter compares them: what range they are in and
 * whether one lies inside another. Which of them a rule matches is host.ts's word.
 */
import ipaddr from 'ipaddr.js'
import { readHost } from '../host.js'

type Address = ipaddr.IPv4 | ipaddr.IPv6

export interface NetworkText {
  readonly kind: 'network'
  readonly address: Address
  readonly bits: number
  /** One address, not a network of several. */
  readonly single: boolean
  /** As RFC 6890 sorts addresses: `unicast` is public, `mixed` has several ranges. */
  readonly range: string
  /** Whether a rule with this network reaches the special ranges of the other: see host.ts. */
  opens(other: NetworkText): boolean
}

/** An address or a network in CIDR form; `undefined` for a name. */
export function readNetwork(text: string): NetworkText | undefined {
  const [base = '', width, more] = text.split('/')
  const host = readHost(base)
  if (host?.kind !== 'address' || more !== undefined) return undefined
  const { address } = host
  const max = address.kind() === 'ipv4' ? 32 : 128
  if (width !== undefined && (!/^\d{1,3}$/.test(width) || Number(width) > max)) return undefined
  const bits = width === undefined ? max : Number(width)
  const range = rangeOf(address, bits)
  return {
    kind: 'network',
    address,
    bits,
    single: bits === max,
    range,
    opens: (other) => other.range === 'unicast' || other.range === 'mixed' || other.range === range,
  }
}

export function isInside(inner: NetworkText, outer: NetworkText): boolean {
  return (
    inner.address.kind() === outer.address.kind() &&
    inner.bits >= outer.bits &&
    inner.address.match(outer.address, outer.bits)
  )
}

function rangeOf(address: Address, bits: number): string {
  const kind = address.kind() === 'ipv4' ? ipaddr.IPv4 : ipaddr.IPv6
  const end = kind.broadcastAddressFromCIDR(`${address.toString()}/${bits}`)
  return address.range() === end.range() ? address.range() : 'mixed'
}
