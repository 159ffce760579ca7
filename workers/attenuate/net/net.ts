/**
 * The network as the plugin's own `net`, `tls` and `dns` (workers/builtins) get it:
 * functions of plain values, each decided by the grant. Those modules are the
 * plugin's copies and as little trusted as the plugin, and so is everything that
 * stands on them, HTTP and `fetch` included: a connection is decided here or nowhere.
 *
 * A socket or server is a number of the plugin's own. Callbacks are functions of the
 * plugin, taken once; they are called without `this`, with plain values and bytes
 * nobody else holds, and what they throw is reported, never thrown into Node.
 */

/** What happens to one socket; each is called in a turn of its own, `close` once and last. */
export interface SocketEvents {
  /** The name was resolved, or was not. */
  lookup(error: Error | null, address: string | undefined, family: number | undefined, host: string): void
  connect(): void
  data(bytes: Uint8Array): void
  /** The peer has ended its side. */
  end(): void
  error(error: Error): void
  close(hadError: boolean): void
}

export interface ServerEvents {
  listening(): void
  /** A socket that does nothing until `adopt`. */
  connection(socket: number): void
  error(error: Error): void
  close(): void
}

/** Where the two ends of a socket are; only those that are known. */
export interface Ends {
  readonly localAddress?: string
  readonly localPort?: number
  readonly localFamily?: string
  readonly remoteAddress?: string
  readonly remotePort?: number
  readonly remoteFamily?: string
}

export interface SocketPowers {
  /**
   * Decides about the host and its port, resolves, decides about the address, connects.
   * What can be decided without resolving is thrown; the rest comes as `error`.
   * @param request - `{ host, port, family, address, noDelay, keepAlive, keepAliveInitialDelay }`; `address`, when
   *   a plugin resolved the name itself, has to be one that the name leads to, or granted by itself
   */
  connect(request: unknown, events: unknown): number
  /** Takes over an accepted socket. */
  adopt(id: unknown, events: unknown): void
  ends(id: unknown): Ends
  /** `done(error | null)` once the bytes are handed to the system. `false`: wait for `done` before the next. */
  write(id: unknown, bytes: unknown, done: unknown): boolean
  /** Ends this side; `done` as in `write`. */
  end(id: unknown, done: unknown): void
  /** Reading stops at once and starts stopped for accepted sockets. */
  pause(id: unknown): void
  resume(id: unknown): void
  setNoDelay(id: unknown, on: unknown): void
  setKeepAlive(id: unknown, on: unknown, initialDelayMs: unknown): void
  /** Ends it at once; with `reset` by a RST. */
  destroy(id: unknown, reset: unknown): void
}

export interface ServerPowers {
  /** @param request - `{ host, port, backlog }`; decided by `net.listen` */
  listen(request: unknown, events: unknown): number
  /** `{ address, family, port }` of a listening server. */
  address(id: unknown): { readonly address: string; readonly family: string; readonly port: number } | null
  /** Takes no new connection; those that are there go on. */
  closeServer(id: unknown): void
}
