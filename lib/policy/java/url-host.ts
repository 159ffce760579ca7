/**
 * Host and ports of a `java.net.URLPermission`. Unlike `SocketPermission` it checks the
 * characters of a host, looks no name up, and knows the ports of http and https.
 */
import { readIpLiteral } from './ip-literal.js'
import { ALL_PORTS, readPortRange, type PortRange } from './port-range.js'

export interface UrlHost {
  /** `*.example.com` is the suffix `.example.com`, and `*` the suffix `''`. */
  readonly kind: 'host' | 'suffix'
  readonly text: string
  /** `undefined` is any port: the scheme has no default and none can be read. */
  readonly ports: PortRange | undefined
}

/** `http:*` and the like. */
export const ANY_URL_HOST: UrlHost = { kind: 'suffix', text: '', ports: ALL_PORTS }

/** Reads `user@host:port`, in lower case; `undefined` when the JDK refuses it. */
export function readUrlHost(scheme: string, authority: string): UrlHost | undefined {
  const text = authority.slice(authority.indexOf('@') + 1)
  const bracket = text.startsWith('[') ? text.indexOf(']') : undefined
  if (text === '' || bracket === -1) return undefined
  const colon = text.indexOf(':', bracket ?? 0)
  const end = colon === -1 ? text.length : colon
  const host = bracket === undefined ? readHost(text.slice(0, end)) : readIpv6(text.slice(1, bracket))
  return host === undefined ? undefined : { ...host, ports: readPorts(scheme, text.slice(end + 1)) }
}

export function urlHostCovers(granted: UrlHost, asked: UrlHost): boolean {
  if (!hostCovers(granted, asked)) return false
  if (granted.ports === undefined) return true
  // Without a port of its own the asked one is -1 to the JDK, which no range has.
  return (
    asked.ports !== undefined && granted.ports.from <= asked.ports.from && granted.ports.to >= asked.ports.to
  )
}

function hostCovers(granted: UrlHost, asked: UrlHost): boolean {
  if (granted.kind === 'suffix' && granted.text === '') return true
  if (asked.kind === 'suffix' && asked.text === '') return false
  return granted.text === asked.text || (granted.kind === 'suffix' && asked.text.endsWith(granted.text))
}

type HostText = Pick<UrlHost, 'kind' | 'text'>

/** Only a host with a dot has its characters checked, so `a_b` is a host and `a_b.c` is none. */
function readHost(host: string): HostText | undefined {
  if (host === '*') return { kind: 'suffix', text: '' }
  if (host.startsWith('*.')) {
    const suffix = host.slice(1)
    return isPlain(suffix) ? { kind: 'suffix', text: suffix } : undefined
  }
  if (host.includes('*')) return undefined
  const dot = host.lastIndexOf('.')
  if (dot === -1 || host === '.') return { kind: 'host', text: host }
  if (!/^\d*$/.test(host.slice(dot + 1))) return isPlain(host) ? { kind: 'host', text: host } : undefined
  const address = readIpLiteral(host)
  return address === undefined ? undefined : { kind: 'host', text: signedBytes(address) }
}

/** The JDK writes bytes from 128 as negative numbers, which a suffix can tell: `*.-1` ends 10.0.0.255. */
function signedBytes(address: string): string {
  return address.replace(/\d+/g, (byte) => String(Number(byte) > 127 ? Number(byte) - 256 : Number(byte)))
}

/** An IPv4-mapped address makes the JDK fail. */
function readIpv6(text: string): HostText | undefined {
  const address = readIpLiteral(text)
  return address?.includes(':') === true ? { kind: 'host', text: address } : undefined
}

/** What cannot be read is the default of the scheme, without a word. */
function readPorts(scheme: string, text: string): PortRange | undefined {
  const read = text === '' ? undefined : readPortRange(text)
  if (read !== undefined) return read
  if (scheme === 'http') return { from: 80, to: 80 }
  return scheme === 'https' ? { from: 443, to: 443 } : undefined
}

function isPlain(text: string): boolean {
  return /^[a-z\d.-]*$/.test(text)
}
