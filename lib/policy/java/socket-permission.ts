/**
 * `java.net.SocketPermission` of JDK 17 where no name can be looked up, in either
 * direction: names meet names and addresses meet addresses. With a name service a JDK
 * also resolves both sides, so it may say yes to a name and its address, or to two names of one
 * address; a policy that is to mean the same everywhere cannot count on that.
 */
import { actionsCover, readActions } from './actions.js'
import { foldCase } from './fold-case.js'
import { invalidPermission } from './invalid-permission.js'
import { readIpLiteral } from './ip-literal.js'
import type { JavaPermissionText } from './policy.js'
import { portsCover, readPortRange, type PortRange } from './port-range.js'

const LOOPBACK = '127.0.0.1'
const SOCKET_ACTIONS = ['connect', 'listen', 'accept', 'resolve'] as const
export type SocketAction = (typeof SOCKET_ACTIONS)[number]

export type SocketHost =
  | { readonly kind: 'any' }
  /** `*.example.com` is the suffix `.example.com`, lower case; as text it also ends addresses: `*.1`. */
  | { readonly kind: 'domain'; readonly suffix: string }
  /** In the one form of `readIpLiteral`. */
  | { readonly kind: 'address'; readonly address: string }
  /** As written, so in any case; `''` when only a port is. */
  | { readonly kind: 'name'; readonly name: string }

export interface SocketPermission {
  readonly host: SocketHost
  readonly ports: PortRange
  /** Always with `resolve`, which every other action implies. */
  readonly actions: readonly SocketAction[]
}

/** @throws PluginError `JAVA_PERMISSION_INVALID` for a target or actions that the JDK refuses */
export function readSocketPermission(text: JavaPermissionText): SocketPermission {
  const written = readActions(text, SOCKET_ACTIONS)
  const actions = SOCKET_ACTIONS.filter((action) => action === 'resolve' || written.includes(action))
  const { host, port } = splitTarget(text)
  const ports = readPortRange(port)
  if (ports === undefined) {
    throw invalidPermission(text, 'what follows the colon is no port', "write '443', '8000-8010' or '1024-'")
  }
  return { host: readHost(text, host), ports, actions }
}

export function socketPermissionCovers(granted: SocketPermission, asked: SocketPermission): boolean {
  if (!actionsCover(granted.actions, asked.actions)) return false
  const resolvesOnly = asked.actions.length === 1 // looking up a name uses no port of it
  return (resolvesOnly || portsCover(granted.ports, asked.ports)) && hostCovers(granted.host, asked.host)
}

function hostCovers(granted: SocketHost, asked: SocketHost): boolean {
  if (granted.kind === 'any') return true
  if (asked.kind === 'any') return false
  if (granted.kind === 'domain') {
    return asked.kind === 'domain'
      ? asked.suffix.endsWith(granted.suffix)
      : oneHost(asked).endsWith(foldCase(granted.suffix))
  }
  return asked.kind !== 'domain' && oneHost(asked) === oneHost(granted)
}

/** The text that one host is compared by. The JDK knows `localhost` by itself, as 127.0.0.1 and nothing else. */
function oneHost(host: Extract<SocketHost, { kind: 'address' | 'name' }>): string {
  if (host.kind === 'address') return host.address
  const name = foldCase(host.name)
  return name === 'localhost' ? LOOPBACK : name
}

/** Takes host and port apart; `port` is `''` without a colon. */
function splitTarget(text: JavaPermissionText): { readonly host: string; readonly port: string } {
  const target = bracketed(text)
  const open = target.startsWith('[')
  const close = open ? target.indexOf(']') : -1
  if (open && close === -1) throw invalidPermission(text, "'[' is not closed", "write ']' after the address")
  const colon = target.indexOf(':', close + 1)
  const end = colon === -1 ? target.length : colon
  return { host: open ? target.slice(1, close) : target.slice(0, end), port: target.slice(end + 1) }
}

/** With the brackets that the JDK adds where eight groups, or eight and a port, leave no doubt. */
function bracketed(text: JavaPermissionText): string {
  const { target } = text
  if (target === null) throw invalidPermission(text, 'the host is missing', "name a host; '*' is any")
  if (target === '') return 'localhost'
  const last = target.lastIndexOf(':')
  if (target.startsWith('[') || target.indexOf(':') === last) return target
  const groups = target.split(':').filter((group) => group !== '').length
  if (groups === 9) return `[${target.slice(0, last)}]${target.slice(last)}`
  if (groups === 8 && !target.includes('::')) return `[${target}]`
  throw invalidPermission(
    text,
    'where the port starts is not clear',
    "write the address in brackets: '[::1]:80'",
  )
}

function readHost(text: JavaPermissionText, host: string): SocketHost {
  if (host === '*') return { kind: 'any' }
  if (host.startsWith('*.') && host.lastIndexOf('*') === 0) {
    return { kind: 'domain', suffix: host.slice(1).toLowerCase() }
  }
  if (host.includes('*')) {
    throw invalidPermission(text, "'*' stands inside the host", "write '*', or '*.' in front of a domain")
  }
  const address = readIpLiteral(host)
  return address === undefined ? { kind: 'name', name: host } : { kind: 'address', address }
}
