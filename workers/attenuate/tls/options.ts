/**
 * Options of a plugin as plain values, each read once. Only what is named here goes to
 * Node, in an object of ours: no handle, engine, callback or descriptor can.
 */
import { bytesIn, viewIn, wrongType } from '../arguments.js'
import { bytesOf } from '../bytes.js'
import { latin1, shortKey } from '../crypto/key-source.js'
import { refusal } from '../refusal.js'

export type Given = Readonly<Record<string, unknown>>
export type Plain = Record<string, unknown>

/**
 * All texts, bytes and lists of one call together, in characters, bytes and items. The time that OpenSSL takes over a
 * list of authorities grows with its square: this much of the smallest certificates takes 0.3 s, 4 MiB would take 30 s.
 * All authorities that browsers know are 220 KB.
 */
const MOST_LENGTH = 524_288
const MOST_NUMBER = 2 ** 31 - 1

/** Counts what was read. @throws TypeError once it is too much */
type Take = (length: number) => void
type Read = (value: unknown, name: string, take: Take) => unknown

/** Of `tls.createSecureContext`. Engines (`clientCertEngine`, `privateKeyEngine`) load code and are not here. */
const CONTEXT: Readonly<Record<string, Read>> = {
  ca: material,
  cert: material,
  crl: material,
  key: keys,
  pfx: encrypted,
  passphrase: encrypted,
  ciphers: text,
  ecdhCurve: text,
  sigalgs: text,
  minVersion: text,
  maxVersion: text,
  secureProtocol: text,
  sessionIdContext: text,
  dhparam: material,
  honorCipherOrder: truthy,
  allowPartialTrustChain: truthy,
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
  rejectUnauthorized: unlessFalse,
  requestCert: truthy,
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
  let left = MOST_LENGTH
  const take: Take = (length) => {
    left -= length
    if (left < 0) throw wrongType('options', `at most ${MOST_LENGTH} characters, bytes and items together`)
  }
  const read: Plain = {}
  for (const [name, reader] of Object.entries(readers)) {
    const value = options[name]
    if (value !== undefined && value !== null) read[name] = reader(value, `options.${name}`, take)
  }
  return read
}

/** Node takes a session as a Buffer only, and ignores it as anything else. */
function bufferIn(value: unknown, name: string, take: Take): Buffer {
  take(viewIn(value, name).length)
  return Buffer.from(bytesIn(value, name).buffer)
}

function text(value: unknown, name: string, take: Take): string {
  if (typeof value !== 'string') throw wrongType(name, 'a string')
  take(value.length)
  return value
}

function textOrBytes(value: unknown, name: string, take: Take): string | Buffer {
  return typeof value === 'string' ? text(value, name, take) : bufferIn(value, name, take)
}

function truthy(value: unknown): boolean {
  return Boolean(value)
}

/** What weakens a connection has to be said plainly, as in Node: `0` is not `false`. */
function unlessFalse(value: unknown): boolean {
  return value !== false
}

function whole(value: unknown, name: string): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MOST_NUMBER) return value
  throw wrongType(name, `a whole number from 0 to ${MOST_NUMBER}`)
}

/**
 * An encrypted key says itself how often its password is hashed, and OpenSSL does so without a password too: native
 * work of any length in this thread, which nothing stops.
 */
function encrypted(_value: unknown, name: string): never {
  throw refusal(
    'ERR_INVALID_ARG_VALUE',
    `The option '${name}' is not there for plugins: give a key that is not encrypted`,
    TypeError,
  )
}

/** PEM that is not encrypted: RFC 7468 section 11 and RFC 1421 section 4.6.1.1 spell the word. */
function inTheClear(value: unknown, name: string, take: Take): string | Buffer {
  const read = textOrBytes(value, name, take)
  return read.includes('ENCRYPTED') ? encrypted(read, name) : read
}

/** PEM or DER, one or a list of them. */
function material(value: unknown, name: string, take: Take): unknown {
  return listIn(value, take)?.map((item) => inTheClear(item, name, take)) ?? inTheClear(value, name, take)
}

/** PEM, one or a list of them, also as `{ pem }`; none longer than a key of `crypto`, for the same reason. */
function keys(value: unknown, name: string, take: Take): unknown {
  return listIn(value, take)?.map((item) => oneKey(item, name, take)) ?? oneKey(value, name, take)
}

function keyText(value: unknown, name: string, take: Take): string {
  const read = inTheClear(value, name, take)
  return shortKey(typeof read === 'string' ? read : latin1(read))
}

function oneKey(value: unknown, name: string, take: Take): unknown {
  const isText = typeof value === 'string' || bytesOf(value) !== undefined
  if (isText) return keyText(value, name, take)
  if (typeof value !== 'object' || value === null)
    throw wrongType(name, 'a string or bytes, or a list of them')
  const { pem, passphrase } = value as Given
  return passphrase === undefined || passphrase === null
    ? { pem: keyText(pem, name, take) }
    : encrypted(passphrase, name)
}

/** Names of protocols, or the bytes of such a list. */
function protocols(value: unknown, name: string, take: Take): unknown {
  return listIn(value, take)?.map((item) => textOrBytes(item, name, take)) ?? bufferIn(value, name, take)
}

function listIn(value: unknown, take: Take): readonly unknown[] | undefined {
  if (!Array.isArray(value)) return undefined
  const { length } = value
  take(length)
  return Array.from({ length }, (_, index): unknown => value[index])
}
