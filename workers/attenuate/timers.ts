/**
 * setTimeout, setInterval, setImmediate, queueMicrotask and their clear functions.
 * A plugin gets frozen handles that mean nothing to Node, clears only its own
 * timers, and holds no more of them than its policy allows.
 */
import type { AttenuatorPowers, Globals } from './powers.js'
import { refusal } from './refusal.js'

/** Node's own protocol: what `util.promisify` looks for on a function. */
const PROMISIFY = Symbol.for('nodejs.util.promisify.custom')

type Callback = (...args: readonly unknown[]) => unknown

export function attenuateTimers({ timers, harden }: AttenuatorPowers): Globals {
  /** `ref`, `unref` and `hasRef` change nothing: a plugin's thread lives as long as its host wants it. */
  class Timer {
    readonly #id: number
    readonly #refresh: (() => number) | undefined
    constructor(id: number, refresh?: () => number) {
      this.#id = id
      this.#refresh = refresh
      current.set(this, id)
      Object.freeze(this)
    }
    ref(): this {
      return this
    }
    unref(): this {
      return this
    }
    hasRef(): boolean {
      return true
    }
    refresh(): this {
      if (this.#refresh !== undefined) {
        timers.clear(current.get(this) ?? this.#id)
        current.set(this, this.#refresh())
      }
      return this
    }
    close(): this {
      timers.clear(current.get(this) ?? this.#id)
      return this
    }
    [Symbol.toPrimitive](): number {
      return current.get(this) ?? this.#id
    }
  }
  const current = new WeakMap<Timer, number>()
  // A handle must not lead to the class: `new handle.constructor(7)` would clear a timer by guess.
  Object.defineProperty(Timer.prototype, 'constructor', { value: Object })

  const clear = (handle: unknown): void => {
    if (typeof handle === 'number') timers.clear(handle)
    else if (typeof handle === 'string') timers.clear(Number(handle))
    else if (typeof handle === 'object' && handle !== null) timers.clear(current.get(handle as Timer) ?? -1)
  }
  const timeout = (callback: unknown, delay: unknown, ...args: readonly unknown[]): Timer => {
    const call = callbackOf(callback, 'setTimeout')
    const delayMs = Number(delay)
    const arm = (): number => timers.after(delayMs, () => void call(...args))
    return new Timer(arm(), arm)
  }
  const interval = (callback: unknown, delay: unknown, ...args: readonly unknown[]): Timer => {
    const call = callbackOf(callback, 'setInterval')
    const delayMs = Number(delay)
    const arm = (): number => timers.every(delayMs, () => void call(...args))
    return new Timer(arm(), arm)
  }
  const immediate = (callback: unknown, ...args: readonly unknown[]): Timer => {
    const call = callbackOf(callback, 'setImmediate')
    return new Timer(timers.soon(() => void call(...args)))
  }
  const later = (delay: unknown, value: unknown, options: unknown): Promise<unknown> =>
    promised((settle) => {
      const delayMs = Number(delay)
      return timers.after(delayMs, () => settle(value))
    }, options)
  const soon = (value: unknown, options: unknown): Promise<unknown> =>
    promised((settle) => timers.soon(() => settle(value)), options)
  /** Takes a signal by its public face only: it may be any object the plugin made. */
  const promised = (arm: (settle: (value: unknown) => void) => number, options: unknown): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const signal =
        typeof options === 'object' && options !== null && 'signal' in options ? options.signal : undefined
      if (signal === undefined) {
        arm(resolve)
        return
      }
      const { aborted, addEventListener } = signal as Partial<AbortSignal>
      const refuse = (): void => {
        const cause = (signal as Partial<AbortSignal>).reason as unknown
        reject(
          Object.assign(refusal('ABORT_ERR', 'The operation was aborted'), { name: 'AbortError', cause }),
        )
      }
      if (aborted === true) return refuse()
      const id = arm(resolve)
      if (typeof addEventListener === 'function') {
        const onAbort = (): void => {
          timers.clear(id)
          refuse()
        }
        Reflect.apply(addEventListener, signal, ['abort', onAbort, { once: true }])
      }
    })

  const setTimeout = Object.assign(
    (callback: unknown, delay?: unknown, ...args: readonly unknown[]) => timeout(callback, delay, ...args),
    { [PROMISIFY]: (delay?: unknown, value?: unknown, options?: unknown) => later(delay, value, options) },
  )
  const setImmediate = Object.assign(
    (callback: unknown, ...args: readonly unknown[]) => immediate(callback, ...args),
    { [PROMISIFY]: (value?: unknown, options?: unknown) => soon(value, options) },
  )
  const setInterval = (callback: unknown, delay?: unknown, ...args: readonly unknown[]): Timer =>
    interval(callback, delay, ...args)
  const queueMicrotask = (callback: unknown): void => {
    const call = callbackOf(callback, 'queueMicrotask')
    timers.microtask(() => void call())
  }
  harden(Timer)
  return harden({
    setTimeout,
    setInterval,
    setImmediate,
    queueMicrotask,
    clearTimeout: (handle?: unknown) => clear(handle),
    clearInterval: (handle?: unknown) => clear(handle),
    clearImmediate: (handle?: unknown) => clear(handle),
  })
}

function callbackOf(callback: unknown, name: string): Callback {
  if (typeof callback === 'function') return callback as Callback
  throw refusal(
    'ERR_INVALID_ARG_TYPE',
    `The first argument of ${name} must be a function, not ${typeof callback}: code as text is never run`,
    TypeError,
  )
}
