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

/** What happens to one socket, never before the call that made it has returned; `close` comes once and last. */
export interface SocketEvents {
  /** The name was resolved, or was not; once for each address. */
  readonly lookup: (
    error: Error | null,
    address: string | undefined,
    family: number | undefined,
    host: string,
  ) => void
  readonly attempt: (address: string, port: number, family: number) => void
  /** `null`: the address took too long, and the next one is tried. */
  readonly attemptFailed: (address: string, port: number, family: number, error: Error | null) => void
  readonly connect: () => void
  readonly data: (bytes: Uint8Array) => void
  /** The peer has ended its side. */
  readonly end: () => void
  /** The system has taken what `write` gave `false` for. */
  readonly written: () => void
  /** The system has taken all and knows that this side has ended. */
  readonly finish: () => void
  readonly error: (error: Error) => void
  readonly close: (hadError: boolean) => void
}

export interface ServerEvents {
  readonly listening: () => void
  /** A socket that does nothing until `adopt`; it is destroyed unless that is called before this returns. */
  readonly connection: (socket: number) => void
  /** One was turned away: `limits.sockets` are open. */
  readonly drop: (remoteAddress: string | undefined, remotePort: number | undefined) => void
  /** It does not listen; nothing follows. */
  readonly error: (error: Error) => void
  readonly close: () => void
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

/** Of any connected socket, whatever made it. All throw `PLUGIN_STOPPED` after a stop. */
export interface StreamPowers {
  /** Takes over an accepted socket. */
  adopt(id: unknown, events: unknown): void
  ends(id: unknown): Ends
  /**
   * At most `mostBytes` in all, copied and written as one. `true`: the system has them; `false`: not yet, and
   * nothing more may be written before `written`.
   */
  write(id: unknown, ...bytes: readonly unknown[]): boolean
  /** Ends this side; `finish` says when. */
  end(id: unknown): void
  /** Every socket starts paused; a piece that was under way may still come. */
  pause(id: unknown): void
  resume(id: unknown): void
  setNoDelay(id: unknown, on: unknown): void
  setKeepAlive(id: unknown, on: unknown, initialDelayMs: unknown): void
  /** Ends it at once; with `reset` by a RST. Nothing for a number that is not open. */
  destroy(id: unknown, reset: unknown): void
}

export interface SocketPowers extends StreamPowers {
  /**
   * Decides about the host and its port, resolves, decides about the address, connects.
   * What can be decided without resolving is thrown; the rest comes as `error`.
   * @param request - `{ host, port, family, addresses, noDelay, keepAlive, keepAliveInitialDelay, attemptTimeout }`;
   *   `addresses`, when a plugin resolved the name itself, are used as far as the name leads to
   *   them or they are granted by themselves. `path` and `fd` are refused
   */
  connect(request: unknown, events: unknown): number
}

export interface ServerPowers {
  /** @param request - `{ host, port, backlog, ipv6Only }`; decided by `net.listen` */
  listen(request: unknown, events: unknown): number
  /** `{ address, family, port }` of a listening server. */
  address(id: unknown): { readonly address: string; readonly family: string; readonly port: number } | null
  /** Takes no new connection; those that are there go on, and `close` comes after the last one. */
  closeServer(id: unknown): void
}

export interface Net extends SocketPowers, ServerPowers {
  /** Of one write. */
  readonly mostBytes: number
}
