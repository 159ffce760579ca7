/** Node's own TLS functions, copied out while they can be had. Nothing here is ever given to a plugin. */
import tls from 'node:tls'

export interface HostTls {
  readonly connect: typeof tls.connect
  readonly createServer: typeof tls.createServer
  readonly TLSSocket: typeof tls.TLSSocket
  readonly createSecureContext: typeof tls.createSecureContext
  readonly checkServerIdentity: typeof tls.checkServerIdentity
  readonly ciphers: () => readonly string[]
  /** The certificates that this Node brings along, as PEM; they are read at the first asking. */
  readonly rootCertificates: () => readonly string[]
  readonly compressions: readonly string[] | undefined
  readonly defaults: Readonly<Record<string, string | number>>
}

const DEFAULTS = [
  'CLIENT_RENEG_LIMIT',
  'CLIENT_RENEG_WINDOW',
  'DEFAULT_CIPHERS',
  'DEFAULT_ECDH_CURVE',
  'DEFAULT_MIN_VERSION',
  'DEFAULT_MAX_VERSION',
] as const

/** Call before `closeBuiltins`. */
export function takeTls(): HostTls {
  const { connect, createServer, TLSSocket, createSecureContext, checkServerIdentity, getCiphers } = tls
  const newer = tls as { readonly getCertificateCompressionAlgorithms?: () => readonly string[] }
  const compressions = newer.getCertificateCompressionAlgorithms?.()
  return {
    connect,
    createServer,
    TLSSocket,
    createSecureContext,
    checkServerIdentity,
    ciphers: () => [...getCiphers()],
    rootCertificates: () => [...tls.rootCertificates],
    compressions: compressions === undefined ? undefined : [...compressions],
    defaults: Object.fromEntries(DEFAULTS.map((name) => [name, Reflect.get(tls, name) as string | number])),
  }
}
