/** Servers to ask, as `dns.setServers` takes them: `192.0.2.1`, `192.0.2.1:53`, `2001:db8::1`, `[2001:db8::1]:53`. */
import { wrongType } from '../arguments.js'
import { refusal } from '../refusal.js'

export interface Server {
  readonly address: string
  readonly port: number
}

const PORT = 53
const MOST_SERVERS = 32

/** @throws TypeError for what is no list of texts; Error `ERR_INVALID_IP_ADDRESS` */
export function readServers(value: unknown, isIP: (text: string) => number): readonly Server[] {
  const length = Array.isArray(value) ? value.length : Infinity
  if (!(length <= MOST_SERVERS)) throw wrongType('servers', `an array of at most ${MOST_SERVERS} addresses`)
  return Array.from({ length }, (_, index) => readServer((value as unknown[])[index], isIP))
}

export function serverText({ address, port }: Server): string {
  if (port === PORT) return address
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}

function readServer(value: unknown, isIP: (text: string) => number): Server {
  if (typeof value !== 'string' || value.length > 100) throw wrongType('servers', 'an array of strings')
  if (isIP(value) !== 0) return { address: value, port: PORT }
  const [, bracketed, plain, digits] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d{1,5}))?$/.exec(value) ?? []
  const address = bracketed ?? plain ?? ''
  const port = digits === undefined ? PORT : Number(digits)
  if (isIP(address) === (bracketed === undefined ? 4 : 6) && port >= 1 && port <= 65_535)
    return { address, port }
  throw refusal('ERR_INVALID_IP_ADDRESS', `Invalid IP address: ${value}`, TypeError)
}
