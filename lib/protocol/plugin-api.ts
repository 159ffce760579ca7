/**
 * What host and plugin thread say to each other, by method name. The host calls
 * load, start, rest, ingest, stop and sends the notice state; the thread sends the
 * notices log, acknowledge, resync, audit, failure, limit, dropped and heap. Host-side readers check every
 * shape that comes back (extensions/reply.ts).
 */
import type { Json } from './cluster-state.js'

export const TO_PLUGIN = {
  load: 'load',
  start: 'start',
  rest: 'rest',
  ingest: 'ingest',
  stop: 'stop',
  state: 'state',
} as const

export const TO_HOST = {
  log: 'log',
  acknowledge: 'acknowledge',
  resync: 'resync',
  /** A batch of audit entries (audit.ts). */
  audit: 'audit',
  failure: 'failure',
  /** A limit that the thread holds was reached (limit-hit.ts). */
  limit: 'limit',
  /** How many log lines and how many failures the thread has dropped since it last told: two numbers. */
  dropped: 'dropped',
  /** Used heap in bytes; only where the host's Node cannot ask the thread for it (Node 20). */
  heap: 'heap',
} as const

/** Lines the thread puts before the bundle's first one: line n of the bundle is line n + WRAPPER_LINES of a stack. */
export const WRAPPER_LINES = 1

/** First call: section 0 is the bundle, section 1 the script of the pure built-ins. */
export interface LoadArguments {
  readonly plugin: string
  /** `sha256-…` of section 0; the thread checks it before it evaluates. */
  readonly sha256: string
  readonly env: { readonly [name: string]: string }
  readonly settings: { readonly [key: string]: Json }
  readonly home: string
  readonly data: string
  readonly limits: {
    readonly timers: number
    readonly logBytes: number
    readonly files: number
    readonly sockets: number
    readonly externalMb: number
  }
  /** The Grant as JSON text: the thread makes the decisions about files and connections from it. */
  readonly grant: string
  /** Where names are resolved; by the system when there are none. */
  readonly dnsServers: readonly string[]
  /** Whether the grant names any part of the cluster state. */
  readonly clusterState: boolean
}

/** Result of load: what the plugin's definition holds. */
export interface Registrations {
  readonly rest: readonly { readonly method: string; readonly path: string }[]
  readonly ingest: readonly string[]
  readonly clusterStateListener: boolean
}

/** How a body crosses: JSON beside the rest, bytes as section 0, a stream as stream 0. */
export type WireBody =
  | { readonly kind: 'none' }
  | { readonly kind: 'json'; readonly value: Json }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'bytes' }
  | { readonly kind: 'stream' }

export interface WireRestRequest {
  /** Index into the registrations' `rest`. */
  readonly route: number
  readonly method: string
  readonly path: string
  readonly params: { readonly [name: string]: string }
  readonly query: { readonly [name: string]: string }
  readonly headers: { readonly [name: string]: string }
  readonly body: WireBody
}

export interface WireRestResponse {
  readonly status: number
  readonly headers: { readonly [name: string]: string }
  readonly body: WireBody
}

export interface WireIngest {
  readonly type: string
  readonly config: { readonly [key: string]: Json }
  readonly documents: readonly { readonly [field: string]: Json }[]
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'
export const LOG_LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error']

/** A wall as the plugin thread tried it at start; the second part of its hello. */
export interface WallReport {
  readonly wall: string
  readonly holds: boolean
  /** A start is refused when a required wall does not hold. */
  readonly required: boolean
  readonly detail: string
}
