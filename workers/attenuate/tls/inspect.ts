/** Looking at a secured connection, and at certificates as such. */
import type { TLSSocket } from 'node:tls'
import { bytesIn, integerIn, wrongType } from '../arguments.js'
import { hostError, hosted } from '../host-error.js'
import { refusal } from '../refusal.js'
import { plainCopy } from './facts.js'
import type { Parts } from './secure.js'

const WHAT = {
  peerCertificate: (host) => host.getPeerCertificate(false),
  peerCertificates: (host) => host.getPeerCertificate(true),
  certificate: (host) => host.getCertificate(),
  cipher: (host) => host.getCipher(),
  protocol: (host) => host.getProtocol(),
  ephemeralKey: (host) => host.getEphemeralKeyInfo(),
  finished: (host) => host.getFinished(),
  peerFinished: (host) => host.getPeerFinished(),
  session: (host) => host.getSession(),
  ticket: (host) => host.getTLSTicket(),
  sharedSigalgs: (host) => host.getSharedSigalgs(),
} satisfies Readonly<Record<string, (host: TLSSocket) => unknown>>

export interface Inspect {
  /** A copy; `undefined` for a socket that is not secured or no more. @param what - a key of WHAT */
  look(id: unknown, what: unknown): unknown
  exportKeyingMaterial(id: unknown, length: unknown, label: unknown, context: unknown): Uint8Array
  /** The error of Node's own check, or nothing. @param certificate - `{ subject: { CN }, subjectaltname }` */
  checkServerIdentity(hostname: unknown, certificate: unknown): Error | undefined
  ciphers(): readonly string[]
  rootCertificates(): readonly string[]
  readonly compressions: readonly string[] | undefined
  readonly defaults: Readonly<Record<string, string | number>>
}

const MOST_EXPORTED = 65_536

export function makeInspect({ host, sockets, secured }: Parts): Inspect {
  const find = (id: unknown): TLSSocket | undefined => {
    const open = sockets.find(id)
    const found = open === undefined ? undefined : secured.get(open)
    return found?.destroyed === true ? undefined : found
  }
  return {
    look(id, what) {
      const found = find(id)
      if (typeof what !== 'string' || !Object.hasOwn(WHAT, what))
        throw wrongType('what', 'a thing to look at')
      return found === undefined ? undefined : plainCopy(hosted(() => WHAT[what as keyof typeof WHAT](found)))
    },
    exportKeyingMaterial(id, length, label, context) {
      const count = integerIn(length, 'length', 1, MOST_EXPORTED)
      if (typeof label !== 'string') throw wrongType('label', 'a string')
      const more = context === undefined ? Buffer.alloc(0) : Buffer.from(bytesIn(context, 'context'))
      const found = find(id)
      if (found === undefined)
        throw refusal('ERR_TLS_INVALID_STATE', 'TLS socket connection must be securely established')
      return new Uint8Array(hosted(() => found.exportKeyingMaterial(count, label, more)))
    },
    checkServerIdentity(hostname, certificate) {
      if (typeof hostname !== 'string') throw wrongType('hostname', 'a string')
      if (typeof certificate !== 'object' || certificate === null) throw wrongType('cert', 'an object')
      const { subject, subjectaltname } = certificate as { subject?: unknown; subjectaltname?: unknown }
      const names = typeof subject === 'object' && subject !== null ? Reflect.get(subject, 'CN') : undefined
      const plain = {
        ...(typeof subject === 'object' && subject !== null ? { subject: { CN: nameIn(names) } } : {}),
        ...(typeof subjectaltname === 'string' ? { subjectaltname } : {}),
      }
      const error = hosted(() => host.checkServerIdentity(hostname, plain as never))
      if (error === undefined) return undefined
      const { reason } = error as { readonly reason?: unknown }
      return Object.assign(hostError(error), { reason: String(reason), host: hostname })
    },
    ciphers: host.ciphers,
    rootCertificates: host.rootCertificates,
    compressions: host.compressions,
    defaults: { ...host.defaults },
  }
}

function nameIn(names: unknown): string | string[] | undefined {
  if (typeof names === 'string') return names
  return Array.isArray(names) ? names.filter((name): name is string => typeof name === 'string') : undefined
}
