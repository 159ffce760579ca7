/**
 * `host:port`, `host:from-to`, `[v6]:port`: splits the pattern and gives the host
 * part to host.ts.
 */
import { compileHost, readHost, type Host, type HostPattern, type Unfit } from './host.js'

export interface EndpointTarget {
  readonly host: Host
  readonly port: number
}
export interface EndpointPattern {
  readonly host: HostPattern
  /** Lowest and highest port, both included. */
  readonly from: number
  readonly to: number
}

/** `undefined` when the host is not one (see readHost) or the port is no whole number from 0 to 65535. */
export function readEndpoint(host: string, port: number): EndpointTarget | undefined {
  const read = readHost(host)
  return read === undefined || !Number.isInteger(port) || port < 0 || port > MAX_PORT
    ? undefined
    : { host: read, port }
}

/** The two halves compiled, or what is wrong with the pattern. */
export function parseEndpoint(text: string): EndpointPattern | Unfit {
  const close = text.startsWith('[') ? text.indexOf(']') : -1
  const colon = text.indexOf(':', close + 1)
  if (colon === -1) {
    return {
      fault: `'${text}' names no port`,
      remedy: `write '${text}:443', or '${text}:1-65535' for any port`,
    }
  }
  if (text.includes(':', colon + 1) || (close !== -1 && colon !== close + 1)) {
    return {
      fault: `'${text}' is not one host and one port`,
      remedy: "write 'host:443', or '[fd00::/8]:443' for IPv6",
    }
  }
  const ports = text.slice(colon + 1)
  const range = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(ports)
  const from = Number(range?.[1] ?? Number.NaN)
  const to = Number(range?.[2] ?? from)
  if (!(from <= to && to <= MAX_PORT)) {
    return {
      fault: `'${ports}' is no port`,
      remedy: `write a port up to ${MAX_PORT}, or a range like 9000-9010`,
    }
  }
  const host = compileHost(close === -1 ? text.slice(0, colon) : text.slice(1, close))
  return 'fault' in host ? host : { host, from, to }
}

const MAX_PORT = 65_535
