/**
 * AbortController and AbortSignal, made afresh over this folder's EventTarget; used
 * by plugins and, through `makeAbort`, by trusted code that must tell a plugin to stop.
 */
import { domException } from './dom-exception.js'
import { eventClasses, tag } from './events.js'
import type { AttenuatorPowers, Globals } from './powers.js'
import { refusal } from './refusal.js'

/** What trusted code holds: `signal` goes to the plugin, `abort` stays. */
export interface AbortKit {
  readonly signal: AbortSignal
  /** Does nothing the second time. A text becomes an AbortError with that message. */
  abort(reason?: unknown): void
}

interface AbortClasses {
  readonly AbortController: new () => object
  readonly AbortSignal: abstract new (...args: never) => object
  readonly makeAbort: () => AbortKit
}

interface SignalState {
  aborted: boolean
  reason: unknown
  /** Signals made by `any` that follow this one; run before listeners, as the DOM standard says. */
  readonly followers: Set<() => void>
}

const made = new WeakMap<AttenuatorPowers, AbortClasses>()

export function abortClasses(powers: AttenuatorPowers): AbortClasses {
  const known = made.get(powers)
  if (known !== undefined) return known
  const { harden, timers } = powers
  const DOMException = domException(harden)
  const { Event, EventTarget } = eventClasses(powers)
  const states = new WeakMap<object, SignalState>()
  const token: unique symbol = Symbol('only this module makes signals')
  const stateOf = (signal: object): SignalState => {
    const state = states.get(signal)
    if (state === undefined)
      throw refusal('ERR_INVALID_THIS', 'Value of "this" must be of type AbortSignal', TypeError)
    return state
  }
  const aborting = (): Error => new DOMException('This operation was aborted', 'AbortError')
  const abort = (signal: AbortSignal, reason: unknown): void => {
    const state = stateOf(signal)
    if (state.aborted) return
    state.aborted = true
    state.reason = reason === undefined ? aborting() : reason
    for (const follow of state.followers) follow()
    state.followers.clear()
    dispatch(signal)
  }
  // Taken from the class: a plugin's own `dispatchEvent` on a subclass is not asked.
  const { dispatchEvent } = EventTarget.prototype
  const dispatch = (signal: object): void => void Reflect.apply(dispatchEvent, signal, [new Event('abort')])

  class AbortSignal extends EventTarget {
    #onabort: unknown = null
    constructor(...args: readonly unknown[]) {
      super()
      if (args[0] !== token) throw refusal('ERR_ILLEGAL_CONSTRUCTOR', 'Illegal constructor', TypeError)
      states.set(this, { aborted: false, reason: undefined, followers: new Set() })
    }
    get aborted(): boolean {
      return stateOf(this).aborted
    }
    get reason(): unknown {
      return stateOf(this).reason
    }
    throwIfAborted(): void {
      const { aborted, reason } = stateOf(this)
      if (aborted) throw reason
    }
    get onabort(): unknown {
      return this.#onabort
    }
    set onabort(listener: unknown) {
      this.removeEventListener('abort', this.#onabort)
      this.#onabort = typeof listener === 'function' ? listener : null
      this.addEventListener('abort', this.#onabort)
    }
    static abort(reason?: unknown): AbortSignal {
      const signal = new AbortSignal(token)
      abort(signal, reason)
      return signal
    }
    /** Counts as one of the plugin's timers until it fires. */
    static timeout(delay: unknown): AbortSignal {
      const delayMs = Number(delay)
      if (!(delayMs >= 0))
        throw refusal('ERR_OUT_OF_RANGE', `The delay ${delayMs} is not a number from 0`, RangeError)
      const signal = new AbortSignal(token)
      const expire = (): void =>
        abort(signal, new DOMException('The operation was aborted due to timeout', 'TimeoutError'))
      timers.after(delayMs, expire)
      return signal
    }
    static any(signals: Iterable<unknown>): AbortSignal {
      const sources = [...signals].map((source) => {
        const state = typeof source === 'object' && source !== null ? states.get(source) : undefined
        if (state === undefined)
          throw refusal('ERR_INVALID_ARG_TYPE', 'Every signal must be an AbortSignal', TypeError)
        return state
      })
      const signal = new AbortSignal(token)
      const already = sources.find(({ aborted }) => aborted)
      if (already !== undefined) {
        abort(signal, already.reason)
        return signal
      }
      for (const source of sources) {
        const follow = (): void => {
          for (const other of sources) other.followers.delete(follow)
          abort(signal, source.reason)
        }
        source.followers.add(follow)
      }
      return signal
    }
  }

  class AbortController {
    readonly #signal: AbortSignal = new AbortSignal(token)
    get signal(): AbortSignal {
      return this.#signal
    }
    abort(reason?: unknown): void {
      abort(this.#signal, reason)
    }
  }
  tag(AbortSignal, 'AbortSignal')
  tag(AbortController, 'AbortController')

  const makeAbort = (): AbortKit => {
    const signal = new AbortSignal(token)
    const give = (reason?: unknown): void =>
      abort(signal, typeof reason === 'string' ? new DOMException(reason, 'AbortError') : reason)
    harden(signal)
    return { signal: signal as unknown as AbortKit['signal'], abort: give }
  }
  harden([AbortSignal, AbortController])
  const classes: AbortClasses = { AbortController, AbortSignal, makeAbort }
  made.set(powers, classes)
  return classes
}

export function attenuateAbort(powers: AttenuatorPowers): Globals {
  const { AbortController, AbortSignal } = abortClasses(powers)
  return { AbortController, AbortSignal }
}
