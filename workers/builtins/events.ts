/** What `events` of Node has and the userland copy lacks. */
import type { Module } from './module.js'

interface Emitter {
  on(name: unknown, listener: (...args: readonly unknown[]) => void): unknown
  removeListener(name: unknown, listener: (...args: readonly unknown[]) => void): unknown
  listeners(name: unknown): readonly unknown[]
  setMaxListeners(count: number): unknown
}
interface AbortLike {
  readonly aborted?: boolean
  readonly reason?: unknown
  addEventListener?(type: string, listener: () => void, options?: { readonly once: boolean }): void
}

export function addEvents(events: Module): Module {
  events['on'] ??= on
  events['errorMonitor'] ??= Symbol('events.errorMonitor')
  events['captureRejectionSymbol'] ??= Symbol.for('nodejs.rejection')
  events['getEventListeners'] ??= (emitter: Emitter, name: unknown) => emitter.listeners(name)
  events['setMaxListeners'] ??= (count: number, ...emitters: readonly Emitter[]) => {
    for (const emitter of emitters) emitter.setMaxListeners(count)
  }
  return events
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
