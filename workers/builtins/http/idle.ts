/** What is known of a socket that waits in an agent for its next request. */
import type { Socket } from './kit.js'
import type { ClientRequest } from './request.js'

/** Seconds that the server's Keep-Alive header promised last. */
const promised = new WeakMap<Socket, number>()
const carried = new WeakMap<Socket, ClientRequest>()

export function notePromise(socket: Socket, keepAlive: string): void {
  const at = keepAlive.indexOf('timeout=')
  const seconds = at === -1 ? Number.NaN : Number.parseInt(keepAlive.slice(at + 8), 10)
  if (seconds >= 0) promised.set(socket, seconds)
}
export function promiseOf(socket: Socket): number | undefined {
  return promised.get(socket)
}

export function noteRequest(socket: Socket, req: ClientRequest): void {
  carried.set(socket, req)
}
/** The request that a socket carried last. */
export function requestOf(socket: Socket): ClientRequest | undefined {
  return carried.get(socket)
}

/** An error of an idle socket interests nobody: its 'close' takes it out of the agent. */
export function ignoreWhenIdle(): void {}
