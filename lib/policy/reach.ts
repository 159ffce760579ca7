/**
 * How far an endpoint pattern reaches, for people who weigh it. Says nothing about
 * whether it matches: that is match.ts's.
 */
import ipaddr from 'ipaddr.js'

/** 'any': any host of the internet; 'inside': this machine or a private network; 'named': hosts that are spelled out. */
export type Reach = 'any' | 'inside' | 'named'

/** Shorter prefixes hold more than one owner's hosts: a network provider gets an IPv6 prefix of 32 bits. */
const LEAST_BITS = { ipv4: 8, ipv6: 32 }

/** @param pattern - one that checkPattern passes */
export function reachOf(pattern: string): Reach {
  const { host } = splitEndpoint(pattern)
  const [base = '', bits] = host.split('/')
  if (ipaddr.isValid(base)) {
    if (bits !== undefined && Number(bits) < (base.includes(':') ? LEAST_BITS.ipv6 : LEAST_BITS.ipv4))
      return 'any'
    return ipaddr.process(base).range() === 'unicast' ? 'named' : 'inside'
  }
  const labels = host.toLowerCase().split('.')
  if (labels[labels.length - 1] === 'localhost') return 'inside'
  // A pattern without two labels of its own at the end names a registry's domain, not somebody's host.
  return labels.slice(-2).some((label) => label.includes('*')) ? 'any' : 'named'
}

/** The two halves as they are written; brackets off. */
export function splitEndpoint(pattern: string): { readonly host: string; readonly ports: string } {
  const colon = pattern.lastIndexOf(':')
  const host = pattern.slice(0, colon)
  return { host: host.startsWith('[') ? host.slice(1, -1) : host, ports: pattern.slice(colon + 1) }
}
