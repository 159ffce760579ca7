/**
 * Options of a plugin as plain values, each read once. Only what is named here goes to
 * Node, in an object of ours: no handle, engine, callback or descriptor can.
 */
import { bytesIn, wrongType } from '../arguments.js'
import { bytesOf } from '../bytes.js'

export type Given = Readonly<Record<string, unknown>>
export type Plain = Record<string, unknown>

/** Certificates, keys and lists of names, all together, in characters or bytes. */
const MOST_LENGTH = 4_194_304
const MOST_ITEMS = 1000
const MOST_NUMBER = 2 ** 31 - 1

type Read = (value: unknown, name: string) => unknown

/** Of `tls.createSecureContext`. Engines (`clientCertEngine`, `privateKeyEngine`) load code and are not here. */
const CONTEXT: Readonly<Record<string, Read>> = {
  ca: material,
  cert: material,
  crl: material,
  key: material,
  pfx: material,
  passphrase: text,
  ciphers: text,
  ecdhCurve: text,
  sigalgs: text,
  minVersion: text,
  maxVersion: text,
  secureProtocol: text,
  sessionIdContext: text,
  dhparam: material,
  honorCipherOrder: boolean,
  allowPartialTrustChain: boolean,
  secureOptions: whole,
  sessionTimeout: whole,
  ticketKeys: bufferIn,
}

/** Of a connection, from either side. */
const CONNECTION: Readonly<Record<string, Read>> = {
  host: text,
  servername: text,
  session: bufferIn,
  ALPNProtocols: protocols,
  rejectUnauthorized: boolean,
  requestCert: boolean,
  minDHSize: whole,
  handshakeTimeout: whole,
}

export const contextOptions = (given: unknown): Plain => plain(given, CONTEXT)
export const connectionOptions = (given: unknown): Plain => plain(given, CONNECTION)

export function objectIn(given: unknown): Given {
  if (typeof given === 'object' && given !== null) return given as Given
  throw wrongType('options', 'an object')
}

function plain(given: unknown, readers: Readonly<Record<string, Read>>): Plain {
  const options = objectIn(given)
  const read: Plain = {}
  for (const [name, reader] of Object.entries(readers)) {
    const value = options[name]
    if (value !== undefined && value !== null) read[name] = reader(value, `options.${name}`)
  }
  return read
}

/** Node takes a session as a Buffer only, and ignores it as anything else. */
function bufferIn(value: unknown, name: string): Buffer {
  return Buffer.from(bytesIn(value, name).buffer)
}

function text(value: unknown, name: string): string {
  if (typeof value === 'string' && value.length <= MOST_LENGTH) return value
  throw wrongType(name, 'a string')
}

function boolean(value: unknown): boolean {
  return value !== false && value !== 0 && value !== ''
}

function whole(value: unknown, name: string): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MOST_NUMBER) return value
  throw wrongType(name, `a whole number from 0 to ${MOST_NUMBER}`)
}

/** PEM or DER, one or a list of them, or `{ pem, passphrase }` and `{ buf, passphrase }`. */
function material(value: unknown, name: string): unknown {
  const items = listIn(value)
  return items === undefined ? piece(value, name) : items.map((item) => piece(item, name))
}

function piece(value: unknown, name: string): unknown {
  if (typeof value === 'string') return text(value, name)
  if (bytesOf(value) !== undefined) return bufferIn(value, name)
  if (typeof value !== 'object' || value === null)
    throw wrongType(name, 'a string or bytes, or a list of them')
  const { pem, buf, passphrase } = value as Given
  const secret = passphrase === undefined || passphrase === null ? {} : { passphrase: text(passphrase, name) }
  if (pem !== undefined)
    return { pem: typeof pem === 'string' ? text(pem, name) : bufferIn(pem, name), ...secret }
  return { buf: typeof buf === 'string' ? text(buf, name) : bufferIn(buf, name), ...secret }
}

/** Names of protocols, or the bytes of such a list. */
function protocols(value: unknown, name: string): unknown {
  return (
    listIn(value)?.map((item) => (typeof item === 'string' ? text(item, name) : bufferIn(item, name))) ??
    bufferIn(value, name)
  )
}

function listIn(value: unknown): readonly unknown[] | undefined {
  if (!Array.isArray(value)) return undefined
  const { length } = value
  if (length > MOST_ITEMS) throw wrongType('options', `lists of at most ${MOST_ITEMS}`)
  return Array.from({ length }, (_, index): unknown => value[index])
}
