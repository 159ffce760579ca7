/** What is known of a secured connection, as plain values that nobody else holds. */
import type { TLSSocket } from 'node:tls'

export interface Facts {
  readonly authorized: boolean
  /** A code such as `DEPTH_ZERO_SELF_SIGNED_CERT`. */
  readonly authorizationError: string | null
  readonly alpnProtocol: string | false
  readonly servername: string | false
  readonly protocol: string | null
  readonly reused: boolean
}

export function factsOf(host: TLSSocket): Facts {
  const error: unknown = host.authorizationError
  const code: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'code') : error
  const servername: unknown = Reflect.get(host, 'servername')
  return {
    authorized: host.authorized,
    authorizationError: typeof code === 'string' ? code : null,
    alpnProtocol: typeof host.alpnProtocol === 'string' ? host.alpnProtocol : false,
    servername: typeof servername === 'string' ? servername : false,
    protocol: host.getProtocol(),
    reused: host.isSessionReused(),
  }
}

/** A copy of texts, numbers, bytes, lists and objects, one that leads back to itself included; the rest is left out. */
export function plainCopy(value: unknown, seen: Map<object, unknown> = new Map<object, unknown>()): unknown {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || value === null)
    return value
  if (value instanceof Uint8Array) return new Uint8Array(value)
  if (typeof value !== 'object') return undefined
  const known = seen.get(value)
  if (known !== undefined) return known
  const copy: object = Array.isArray(value) ? [] : {}
  seen.set(value, copy)
  for (const [key, item] of Object.entries(value)) {
    Object.defineProperty(copy, key, {
      value: plainCopy(item, seen),
      writable: true,
      enumerable: true,
      configurable: true,
    })
  }
  return copy
}
