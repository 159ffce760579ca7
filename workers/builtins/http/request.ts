/** What a request and an agent are to each other, and to the exchange on a socket; client.ts and agent.ts make them. */
import type { IncomingMessage } from './incoming.js'
import type { Socket } from './kit.js'
import type { OutgoingMessage } from './outgoing.js'
import type { RequestOptions } from './request-options.js'

export interface ClientRequest extends OutgoingMessage {
  readonly method: string
  readonly path: string
  readonly host: string
  readonly protocol: string
  readonly agent: AgentLike | undefined
  readonly maxHeaderSize: number | undefined
  readonly joinDuplicateHeaders: boolean
  readonly timeout: number | undefined
  maxHeadersCount: number | null
  aborted: boolean
  reusedSocket: boolean
  res: IncomingMessage | null
  upgradeOrConnect: boolean
  _exchange: { listenToTimeout(): void } | undefined
  _error: unknown
  abort(): void
  setNoDelay(on?: boolean): void
  setSocketKeepAlive(on?: boolean, initialDelayMs?: number): void
  clearTimeout(listener?: () => void): void
  onSocket(socket: Socket | null, error?: unknown): void
}

/** What a request asks of its agent; programs bring agents of their own. */
export interface AgentLike {
  readonly protocol: string
  readonly defaultPort?: number
  readonly keepAlive?: boolean
  readonly maxSockets?: number
  addRequest(req: ClientRequest, options: RequestOptions): void
  /** Forgets a request that has no socket yet. */
  dropRequest?(req: ClientRequest): boolean
}
