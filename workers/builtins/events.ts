/** What `events` of Node has and the userland copy lacks. */
import type { Module } from './module.js'

interface Emitter {
  on(name: unknown, listener: (...args: readonly unknown[]) => void): unknown
  removeListener(name: unknown, listener: (...args: readonly unknown[]) => void): unknown
  listeners(name: unknown): readonly unknown[]
  setMaxListeners(count: number): unknown
  getMaxListeners(): number
}
interface AbortLike {
  readonly aborted?: boolean
  readonly reason?: unknown
  addEventListener?(type: string, listener: () => void, options?: { readonly once: boolean }): void
  removeEventListener?(type: string, listener: () => void): void
}

export function addEvents(events: Module): Module {
  events['on'] ??= on
  events['errorMonitor'] ??= Symbol('events.errorMonitor')
  events['captureRejectionSymbol'] ??= Symbol.for('nodejs.rejection')
  events['getEventListeners'] ??= (emitter: Emitter, name: unknown) => emitter.listeners(name)
  events['usingDomains'] ??= false
  events['captureRejections'] ??= false
  events['getMaxListeners'] ??= (emitter: Emitter) => emitter.getMaxListeners()
  events['addAbortListener'] ??= addAbortListener
  events['setMaxListeners'] ??= (count: number, ...emitters: readonly Emitter[]) => {
    for (const emitter of emitters) emitter.setMaxListeners(count)
  }
  return events
}

/** Calls `listener` once the signal is aborted, soon when it already is; what it gives takes it off again. */
function addAbortListener(signal: AbortLike, listener: () => void): object {
  if (typeof signal?.addEventListener !== 'function' || typeof listener !== 'function') {
    const message = 'The "signal" argument must be an AbortSignal and "listener" a function'
    throw Object.assign(new TypeError(message), { code: 'ERR_INVALID_ARG_TYPE' })
  }
  let on = true
  const call = (): void => {
    if (on) listener()
  }
  if (signal.aborted === true) queueMicrotask(call)
  else signal.addEventListener('abort', call, { once: true })
  const remove = (): void => {
    on = false
    signal.removeEventListener?.('abort', call)
  }
  // A well-known symbol from Node 20 on; the type library does not know it yet.
  const dispose: symbol | undefined = Reflect.get(Symbol, 'dispose')
  return { __proto__: null, ...(dispose === undefined ? {} : { [dispose]: remove }) }
}

/** `events.on`: the events of one name as an async iterator; an 'error' event ends it. */
async function* on(
  emitter: Emitter,
  name: unknown,
  options: { readonly signal?: AbortLike } = {},
): AsyncGenerator<readonly unknown[]> {
  const queue: (readonly unknown[])[] = []
  let failure: { readonly error: unknown } | undefined
  let wake: (() => void) | undefined
  const push = (...args: readonly unknown[]): void => {
    queue.push(args)
    wake?.()
  }
  const fail = (error: unknown): void => {
    failure = { error }
    wake?.()
  }
  const abort = (): void => fail(options.signal?.reason)
  if (options.signal?.aborted === true) throw options.signal.reason
  options.signal?.addEventListener?.('abort', abort, { once: true })
  emitter.on(name, push)
  if (name !== 'error') emitter.on('error', fail)
  try {
    for (;;) {
      const next = queue.shift()
      if (next !== undefined) yield next
      else if (failure !== undefined) throw failure.error
      else await new Promise<void>((resolve) => (wake = resolve))
    }
  } finally {
    emitter.removeListener(name, push)
    emitter.removeListener('error', fail)
  }
}
