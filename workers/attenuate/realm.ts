/**
 * What the attenuators build on: Node's own implementations, captured in one object
 * before anything is closed. Plugins never see a member of it; each attenuator
 * wraps what it needs in values of its own.
 */
import { randomFillSync, randomUUID } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import { types } from 'node:util'
import { takeCrypto, type HostCrypto } from './crypto/host.js'
import { takeDns, type HostDns } from './dns/host.js'
import { takeOs, type OsFacts } from './os.js'
import { takeTls, type HostTls } from './tls/host.js'
import { takeZlib, type HostZlib } from './zlib/host.js'

export interface Realm {
  readonly URL: typeof URL
  readonly URLSearchParams: typeof URLSearchParams
  readonly TextDecoder: typeof TextDecoder
  readonly encodeUtf8: (text: string) => Uint8Array
  readonly encodeUtf8Into: (
    text: string,
    into: Uint8Array,
  ) => { readonly read: number; readonly written: number }
  readonly structuredClone: (
    value: unknown,
    options: { readonly transfer: readonly ArrayBuffer[] },
  ) => unknown
  /** Whether an error is Node's own DOMException, which a plugin must not get. */
  readonly isHostDomException: (
    error: unknown,
  ) => error is { readonly name: string; readonly message: string }
  readonly atob: (text: string) => string
  readonly btoa: (text: string) => string
  /** Fills the bytes with cryptographically strong values. */
  readonly randomFill: (bytes: Uint8Array) => void
  readonly randomUuid: () => string
  /** Milliseconds since the thread started, with fractions. */
  readonly now: () => number
  /** Wall clock of the thread's start, milliseconds since 1970. */
  readonly timeOrigin: number
  readonly setTimeout: (run: () => void, delayMs: number) => unknown
  readonly clearTimeout: (timer: unknown) => void
  readonly setInterval: (run: () => void, delayMs: number) => unknown
  readonly setImmediate: (run: () => void) => unknown
  readonly clearImmediate: (timer: unknown) => void
  readonly queueMicrotask: (run: () => void) => void
  readonly types: typeof types
  readonly os: OsFacts
  readonly zlib: HostZlib
  readonly crypto: HostCrypto
  /** Memory of this thread's isolate, bytes; `rss` is what it has of all that, not the process's. */
  readonly memory: () => Readonly<
    Record<'rss' | 'heapTotal' | 'heapUsed' | 'external' | 'arrayBuffers', number>
  >
  readonly dns: HostDns
  readonly tls: HostTls
  readonly platform: string
  readonly arch: string
  readonly nodeVersion: string
}

/** Call once at the thread's start, before lockdown and before anything is closed. */
export function takeRealm(): Realm {
  const encoder = new TextEncoder()
  const host = {
    setTimeout,
    clearTimeout,
    setInterval,
    setImmediate,
    clearImmediate,
    structuredClone,
    atob,
    btoa,
  }
  const HostDomException = DOMException
  const memoryUsage = process.memoryUsage.bind(process)
  return {
    URL,
    URLSearchParams,
    TextDecoder,
    encodeUtf8: (text) => encoder.encode(text),
    encodeUtf8Into: (text, into) => encoder.encodeInto(text, into),
    structuredClone: (value, { transfer }) => host.structuredClone(value, { transfer: [...transfer] }),
    isHostDomException: (error): error is DOMException =>
      typeof error === 'object' &&
      error !== null &&
      !types.isProxy(error) &&
      error instanceof HostDomException,
    atob: (text) => host.atob(text),
    btoa: (text) => host.btoa(text),
    randomFill: (bytes) => void randomFillSync(bytes),
    randomUuid: () => randomUUID(),
    now: performance.now.bind(performance),
    timeOrigin: performance.timeOrigin,
    setTimeout: (run, delayMs) => host.setTimeout(run, delayMs),
    clearTimeout: (timer) => host.clearTimeout(timer as NodeJS.Timeout),
    setInterval: (run, delayMs) => host.setInterval(run, delayMs),
    setImmediate: (run) => host.setImmediate(run),
    clearImmediate: (timer) => host.clearImmediate(timer as NodeJS.Immediate),
    queueMicrotask: queueMicrotask,
    types: { ...types },
    os: takeOs(),
    zlib: takeZlib(),
    crypto: takeCrypto(),
    memory: () => {
      const { heapTotal, heapUsed, external, arrayBuffers } = memoryUsage()
      return { rss: heapTotal + external, heapTotal, heapUsed, external, arrayBuffers }
    },
    dns: takeDns(),
    tls: takeTls(),
    platform: process.platform,
    arch: process.arch,
    nodeVersion: process.versions.node,
  }
}
