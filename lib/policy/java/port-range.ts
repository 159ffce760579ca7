/**
 * Ports of a `java.net.SocketPermission`: one, a range, or all; and the JDK's rule
 * for port 0, which stands for whatever port the system picks.
 */

/** Both ends belong to it. The JDK checks no upper bound, so `to` may be above 65535. */
export interface PortRange {
  readonly from: number
  readonly to: number
}

export const ALL_PORTS: PortRange = { from: 0, to: 65535 }
/**
 * The ports a system picks from. A JDK asks its machine (`net.ipv4.ip_local_port_range`);
 * this is the default of Linux, so that the same policy means the same everywhere.
 */
const EPHEMERAL_PORTS: PortRange = { from: 32768, to: 60999 }
const MAX_INT = 0x7fffffff

/** Reads what follows the colon: `''` and `*` are all, `80`, `80-`, `-80`, `80-90`; `undefined` when it is no port. */
export function readPortRange(text: string): PortRange | undefined {
  if (text === '' || text === '*') return ALL_PORTS
  const dash = text.indexOf('-')
  if (dash === -1) {
    const port = readJavaInt(text)
    return port === undefined ? undefined : { from: port, to: port }
  }
  const low = text.slice(0, dash)
  const high = text.slice(dash + 1)
  const from = low === '' ? ALL_PORTS.from : readJavaInt(low)
  const to = high === '' ? ALL_PORTS.to : readJavaInt(high)
  return from === undefined || to === undefined || from < 0 || to < from ? undefined : { from, to }
}

/** Whether every asked port is granted, port 0 standing for the ephemeral ones on either side. */
export function portsCover(granted: PortRange, asked: PortRange): boolean {
  if (asked.from >= granted.from && asked.to <= granted.to) return true
  if (asked.from !== 0) return granted.from === 0 && realPortsCover(granted, asked)
  if (!realPortsCover(granted, EPHEMERAL_PORTS)) return false
  return asked.to === 0 || realPortsCover(granted, { from: 1, to: asked.to })
}

/** As above for asked ports that are not 0. A granted range from 0 is itself and the ephemeral ports. */
function realPortsCover(granted: PortRange, asked: PortRange): boolean {
  const within = (outer: PortRange): boolean => asked.from >= outer.from && asked.to <= outer.to
  if (granted.from !== 0) return within(granted)
  if (granted.to >= EPHEMERAL_PORTS.from - 1) return asked.to <= EPHEMERAL_PORTS.to // the two are one range
  return within(granted) || within(EPHEMERAL_PORTS)
}

/** `Integer.parseInt`: a sign, then decimal digits of any script in the first plane; 32 bits. */
function readJavaInt(text: string): number | undefined {
  const negative = text.startsWith('-')
  const start = negative || text.startsWith('+') ? 1 : 0
  if (start === text.length) return undefined
  let value = 0
  for (let index = start; index < text.length; index += 1) {
    const digit = readDigit(text.charCodeAt(index))
    if (digit === undefined) return undefined
    value = value * 10 + digit
    if (value > MAX_INT) return undefined
  }
  return negative ? 0 - value : value
}

/** The digits of a script stand together, and its zero has a code that ends in hex 0 or 6. */
function readDigit(code: number): number | undefined {
  const isDigit = (at: number): boolean => /^\p{Nd}$/u.test(String.fromCharCode(at))
  if (!isDigit(code)) return undefined
  const row = code & ~0xf
  return isDigit(row) ? code - row : code - row - 6
}
