/**
 * Host names and addresses: reading them into one comparable form, and matching
 * them against names with wildcards, addresses and CIDR networks.
 *
 * Names and addresses never meet: a name pattern matches no address, so `**:443`
 * is not a way to 10.0.0.1. Resolving is left to whoever opens the connection,
 * which has to ask again about the address it got.
 */
import ipaddr from 'ipaddr.js'
import { compileGlob, matchGlob, type Steps } from './glob.js'

type Address = ipaddr.IPv4 | ipaddr.IPv6
export type Host =
  | { readonly kind: 'name'; readonly labels: readonly string[] }
  | { readonly kind: 'address'; readonly address: Address }
/** What is wrong with a pattern and what to write instead, one sentence each. */
export interface Unfit {
  readonly fault: string
  readonly remedy: string
}
export type HostMatcher = (host: Host, steps?: Steps) => boolean

/** The longest name DNS can carry, in characters (RFC 1035 section 2.3.4), and the longest label. */
const MAX_NAME = 253
const MAX_LABEL = 63
/** Characters of the longest IPv6 address, a dotted tail included. */
const MAX_ADDRESS = 45

/**
 * Reads a host as a connection would: brackets off, lower case, one final dot off.
 * `undefined` when it is neither a name in A-labels nor a plainly written address:
 * `0x7f.1`, `127.1` and `2130706433` reach 127.0.0.1 on most systems, so they are no names.
 */
export function readHost(text: string): Host | undefined {
  const bracketed = text.startsWith('[') && text.endsWith(']')
  const address = readAddress(bracketed ? text.slice(1, -1) : text)
  if (address !== undefined) {
    return bracketed && !text.includes(':') ? undefined : { kind: 'address', address }
  }
  if (text.length > MAX_NAME + 1 || !isPlain(text)) return undefined
  const name = text.endsWith('.') ? text.slice(0, -1) : text
  const labels = name.toLowerCase().split('.')
  if (name.length > MAX_NAME || labels.some((label) => label === '' || label.length > MAX_LABEL))
    return undefined
  return isNumeric(labels[labels.length - 1] ?? '') ? undefined : { kind: 'name', labels }
}

/** A matcher, or one sentence that says what is wrong with the pattern. */
export function compileHost(text: string): HostMatcher | Unfit {
  if (text === '') return { fault: 'the host is empty', remedy: "name a host; '**' is any name" }
  if (text.includes('/')) return compileNetwork(text)
  const address = readAddress(text)
  if (address !== undefined) {
    return networkMatcher(address, address.kind() === 'ipv4' ? 32 : 128, address)
  }
  return compileName(text)
}

function compileName(text: string): HostMatcher | Unfit {
  const labels = text.toLowerCase().split('.')
  for (const label of labels) {
    if (label === '')
      return { fault: `the host '${text}' has an empty label`, remedy: 'write each dot between two labels' }
    if (label.length > MAX_LABEL)
      return { fault: `a label of '${text}' is longer than ${MAX_LABEL}`, remedy: 'shorten it' }
    if (label.includes('**') && label !== '**') {
      return {
        fault: `'**' stands inside a label of '${text}'`,
        remedy: "let '**' be a label of its own, or use '*'",
      }
    }
  }
  if (!isPlain(text.replaceAll('*', ''))) {
    return {
      fault: `the host '${text}' has characters that no host name has`,
      remedy: "use letters, digits, '-', '_' and '*'; write international names as xn-- labels",
    }
  }
  const last = labels[labels.length - 1] ?? ''
  if (
    isNumeric(last) ||
    (labels.every((label) => label === '*' || isNumeric(label)) && labels.some(isNumeric))
  ) {
    return {
      fault: `'${text}' looks like an address but is none`,
      remedy: "write a network in CIDR form, like '10.0.0.0/8'",
    }
  }
  const glob = compileGlob(labels)
  return (host, steps) => {
    if (host.kind !== 'name') return false
    // Every system resolves these to loopback, which only an explicit pattern may grant.
    if (host.labels[host.labels.length - 1] === 'localhost' && last !== 'localhost') return false
    return matchGlob(glob, host.labels, steps)
  }
}

function compileNetwork(text: string): HostMatcher | Unfit {
  const slash = text.indexOf('/')
  const base = readAddress(text.slice(0, slash), 'as written')
  const width = text.slice(slash + 1)
  const bits = Number(width)
  const max = base?.kind() === 'ipv4' ? 32 : 128
  if (base === undefined || !/^\d{1,3}$/.test(width) || bits > max) {
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
  return networkMatcher(base, bits, kind.broadcastAddressFromCIDR(cidr))
}

/**
 * Loopback, private, link-local and every other special range has to be granted on
 * its own: a wider network such as 0.0.0.0/0 reaches public addresses only.
 */
function networkMatcher(base: Address, bits: number, end: Address): HostMatcher {
  const range = base.range() === end.range() ? base.range() : 'mixed'
  return (host, steps) => {
    if (steps !== undefined) steps.count += 1
    if (host.kind !== 'address' || host.address.kind() !== base.kind()) return false
    const special = host.address.range()
    return (special === 'unicast' || special === range) && host.address.match(base, bits)
  }
}

/** Dotted quad or IPv6 without a zone; an IPv4-mapped IPv6 address is the IPv4 address it reaches. */
function readAddress(text: string, mapped: 'as written' | 'as IPv4' = 'as IPv4'): Address | undefined {
  if (isDottedQuad(text)) return ipaddr.IPv4.parse(text)
  if (text.length > MAX_ADDRESS || !text.includes(':') || !/^[\da-fA-F:.]+$/.test(text)) return undefined
  const tail = text.slice(text.lastIndexOf(':') + 1)
  if (tail.includes('.') && !isDottedQuad(tail)) return undefined
  if (!ipaddr.IPv6.isValid(text)) return undefined
  return mapped === 'as IPv4' ? ipaddr.process(text) : ipaddr.parse(text)
}

/** The look first: the library answers 'no' by throwing inside, which costs far more than a name is worth. */
function isDottedQuad(text: string): boolean {
  return /^\d{1,3}(?:\.\d{1,3}){3}$/.test(text) && ipaddr.IPv4.isValidFourPartDecimal(text)
}

function isPlain(text: string): boolean {
  return /^[A-Za-z0-9_.-]*$/.test(text)
}

function isNumeric(label: string): boolean {
  return /^(\d+|0x[\da-f]*)$/.test(label)
}
