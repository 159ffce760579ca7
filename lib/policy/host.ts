/**
 * Host names and addresses: reading them into one comparable form, and matching
 * them against names with wildcards, addresses and CIDR networks.
 *
 * Names and addresses never meet: a name pattern matches no address, so `**:443`
 * is not a way to 10.0.0.1. Resolving is left to whoever opens the connection,
 * which has to ask again about the address it got.
 */
import { addressText, compileNetwork, networkOf, readAddress, type Address, type Network } from './address.js'
import { compileGlob, matchGlob, type Steps } from './glob.js'
import { literal, literalsOf, type Literal } from './literal.js'
import type { Unfit } from './unfit.js'

export type { Unfit } from './unfit.js'

export type Host =
  /** `name` is the labels with dots between them. */
  | { readonly kind: 'name'; readonly name: string; readonly labels: readonly string[] }
  | { readonly kind: 'address'; readonly address: Address }
export interface HostPattern {
  readonly matches: (host: Host, steps?: Steps) => boolean
  /** About hostText of the hosts that match. */
  readonly literals: readonly Literal[]
  /** hostText of the one host that matches; `null` when there may be others. */
  readonly only: string | null
}

/** The longest name DNS can carry, in characters (RFC 1035 section 2.3.4), and the longest label. */
const MAX_NAME = 253
const MAX_LABEL = 63

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
  const name = (text.endsWith('.') ? text.slice(0, -1) : text).toLowerCase()
  const labels = name.split('.')
  if (name.length > MAX_NAME || labels.some((label) => label === '' || label.length > MAX_LABEL))
    return undefined
  return isNumeric(labels[labels.length - 1] ?? '') ? undefined : { kind: 'name', name, labels }
}

/** A name in lower case with a dot behind it, or the digits of an address. */
export function hostText(host: Host): string {
  return host.kind === 'name' ? `${host.name}.` : addressText(host.address)
}

/** A matcher, or one sentence that says what is wrong with the pattern. */
export function compileHost(text: string): HostPattern | Unfit {
  if (text === '') return { fault: 'the host is empty', remedy: "name a host; '**' is any name" }
  if (text.includes('/')) {
    const network = compileNetwork(text)
    return 'fault' in network ? network : ofNetwork(network, null)
  }
  const address = readAddress(text)
  return address === undefined ? compileName(text) : ofNetwork(networkOf(address), addressText(address))
}

function ofNetwork({ matches, start }: Network, only: string | null): HostPattern {
  return {
    matches: (host, steps) => {
      if (steps !== undefined) steps.count += 1
      return host.kind === 'address' && matches(host.address)
    },
    literals: literal('start', start),
    only,
  }
}

function compileName(text: string): HostPattern | Unfit {
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
  const name = labels.join('.')
  return {
    matches: (host, steps) => {
      if (host.kind !== 'name') return false
      // Every system resolves these to loopback, which only an explicit pattern may grant.
      if (host.labels[host.labels.length - 1] === 'localhost' && last !== 'localhost') return false
      return matchGlob(glob, host.labels, steps)
    },
    literals: literalsOf(name, '.', labels),
    only: name.includes('*') ? null : `${name}.`,
  }
}

function isPlain(text: string): boolean {
  return /^[A-Za-z0-9_.-]*$/.test(text)
}

function isNumeric(label: string): boolean {
  return /^(\d+|0x[\da-f]*)$/.test(label)
}
