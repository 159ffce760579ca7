/**
 * IP addresses as text and networks in CIDR form: reading them, and matching one
 * against the other. Ranges and bit arithmetic are ipaddr.js's; the text is read
 * here, because the library answers 'no address' by throwing, takes spellings that
 * others read differently, and reads an IPv6 address four times over.
 */
import ipaddr from 'ipaddr.js'
import type { Unfit } from './unfit.js'

export type Address = ipaddr.IPv4 | ipaddr.IPv6

export interface Network {
  readonly matches: (address: Address) => boolean
  /** What addressText of every member starts with. */
  readonly start: string
}

/** Characters of the longest IPv6 address, a dotted tail included. */
const MAX_ADDRESS = 45

/** Dotted quad or IPv6 without a zone; an IPv4-mapped IPv6 address is the IPv4 address it reaches. */
export function readAddress(text: string, mapped: 'as written' | 'as IPv4' = 'as IPv4'): Address | undefined {
  if (text.length > MAX_ADDRESS) return undefined
  if (!text.includes(':')) {
    const octets = readQuad(text)
    return octets === undefined ? undefined : new ipaddr.IPv4([...octets])
  }
  const parts = readParts(text)
  if (parts === undefined) return undefined
  // `::1.2.3.4` and `::102:304`, deprecated by RFC 4291 section 2.5.5.1: some read it as the IPv4 address.
  const isCompatible = text.includes('.') || (parts[6] ?? 0) > 0
  if (isCompatible && parts.slice(0, 6).every((part) => part === 0)) return undefined
  const address = new ipaddr.IPv6([...parts])
  // The first look spares most addresses the library's, which walks a list of ranges.
  const isMapped = parts[0] === 0 && mapped === 'as IPv4' && address.isIPv4MappedAddress()
  return isMapped ? address.toIPv4Address() : address
}

/** Four decimal numbers; with a leading zero some systems read them as octal, so that is no address. */
function readQuad(text: string): readonly number[] | undefined {
  const quad = /^(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})$/.exec(text)
  const octets = quad?.slice(1).map(Number)
  return octets?.every((octet) => octet <= 255) ? octets : undefined
}

/** The eight numbers of an IPv6 address; `::` stands for one or more zeros, a dotted quad for the last two. */
function readParts(text: string): readonly number[] | undefined {
  const halves = text.split('::')
  const [head = [], tail, third] = halves.map((half, index) => readGroups(half, index === halves.length - 1))
  if (third !== undefined || halves.length > 2 || head === null || tail === null) return undefined
  if (tail === undefined) return head.length === 8 ? head : undefined
  const zeros = 8 - head.length - tail.length
  return zeros < 1 ? undefined : [...head, ...Array.from({ length: zeros }, () => 0), ...tail]
}

function readGroups(text: string, last: boolean): readonly number[] | null {
  if (text === '') return []
  const groups = text.split(':')
  const quad = last ? readQuad(groups[groups.length - 1] ?? '') : undefined
  const plain = quad === undefined ? groups : groups.slice(0, -1)
  if (!plain.every((group) => /^[\da-fA-F]{1,4}$/.test(group))) return null
  const [a = 0, b = 0, c = 0, d = 0] = quad ?? []
  return [
    ...plain.map((group) => Number.parseInt(group, 16)),
    ...(quad === undefined ? [] : [a * 256 + b, c * 256 + d]),
  ]
}

/** A single address as a network of its own. */
export function networkOf(address: Address): Network {
  return makeNetwork(address, widthOf(address), address)
}

/** A network in CIDR form, or what is wrong with it. */
export function compileNetwork(text: string): Network | Unfit {
  const slash = text.indexOf('/')
  const base = readAddress(text.slice(0, slash), 'as written')
  const width = text.slice(slash + 1)
  const bits = Number(width)
  if (base === undefined || !/^\d{1,3}$/.test(width) || bits > widthOf(base)) {
    return {
      fault: `'${text}' is no network`,
      remedy: "write an address and a prefix length, like '10.0.0.0/8'",
    }
  }
  if (base.kind() === 'ipv6' && base.range() === 'ipv4Mapped') {
    return {
      fault: `'${text}' is an IPv4 network in IPv6 dress`,
      remedy: "write it as IPv4, like '10.0.0.0/8'",
    }
  }
  const cidr = `${base.toString()}/${bits}`
  const kind = base.kind() === 'ipv4' ? ipaddr.IPv4 : ipaddr.IPv6
  const network = kind.networkAddressFromCIDR(cidr)
  if (network.toString() !== base.toString()) {
    return { fault: `'${text}' has bits behind its prefix`, remedy: `write '${network.toString()}/${bits}'` }
  }
  return makeNetwork(base, bits, kind.broadcastAddressFromCIDR(cidr))
}

/**
 * Loopback, private, link-local and every other special range has to be granted on
 * its own: a wider network such as 0.0.0.0/0 reaches public addresses only.
 */
function makeNetwork(base: Address, bits: number, end: Address): Network {
  const range = base.range() === end.range() ? base.range() : 'mixed'
  return {
    matches: (address) => {
      if (address.kind() !== base.kind() || !address.match(base, bits)) return false
      const special = address.range()
      return special === 'unicast' || special === range
    },
    start: addressText(base).slice(0, 'v4 '.length + Math.floor(bits / 4)),
  }
}

/** Every digit of the address in order, so that a network is what its members start with: `v4 0a000001`. */
export function addressText(address: Address): string {
  return 'octets' in address
    ? `v4 ${address.octets.map(hex).join('')}`
    : `v6 ${address.parts.map((part) => hex(part >> 8) + hex(part & 255)).join('')}`
}

function hex(byte: number): string {
  return HEX[byte] ?? ''
}
const HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

function widthOf(address: Address): 32 | 128 {
  return address.kind() === 'ipv4' ? 32 : 128
}
