/** The client's side of TLS. */
import type { ConnectionOptions } from 'node:tls'
import { hosted } from '../host-error.js'
import { connectionOptions, objectIn } from './options.js'
import { awaitSecure, beginHandshake, type Parts } from './secure.js'

export function makeClient(parts: Parts): (id: unknown, request: unknown, events: unknown) => void {
  const { host, contexts, sockets } = parts
  return (id, given, events) => {
    sockets.connected(id, 'tls')
    const { ownIdentityCheck } = objectIn(given)
    const options = connectionOptions(given)
    const secureContext = contexts.of(given)
    const handshake = beginHandshake(parts, id, events)
    const { raw } = handshake
    const all: ConnectionOptions = {
      ...options,
      rejectUnauthorized: options['rejectUnauthorized'] !== false,
      secureContext,
      socket: raw,
      ...(ownIdentityCheck === true ? { checkServerIdentity: () => undefined } : {}),
    }
    try {
      const secured = hosted(() => host.connect(all))
      awaitSecure(parts, handshake, secured, 'secureConnect')
    } catch (error) {
      sockets.remove(handshake.id)
      raw.destroy()
      throw error
    }
  }
}
