/**
 * Event, CustomEvent and EventTarget, made afresh: Node's own would be `this` and
 * argument of plugin code. A listener that throws is reported and the next one runs.
 */
import type { AttenuatorPowers, Globals } from './powers.js'
import { refusal } from './refusal.js'
import { textOf } from './text.js'

export interface PluginEvent {
  readonly type: string
}
export interface PluginEventTarget {
  addEventListener(type: unknown, listener: unknown, options?: unknown): void
  removeEventListener(type: unknown, listener: unknown, options?: unknown): void
  dispatchEvent(event: unknown): boolean
}
export interface EventClasses {
  readonly Event: new (type?: unknown, options?: unknown) => PluginEvent
  readonly CustomEvent: new (type?: unknown, options?: unknown) => PluginEvent
  readonly EventTarget: new () => PluginEventTarget
}

interface Listener {
  readonly callback: object
  readonly capture: boolean
  readonly once: boolean
}
interface Dispatch {
  target: object | null
  current: object | null
  busy: boolean
  stopped: boolean
  canceled: boolean
}

const made = new WeakMap<AttenuatorPowers, EventClasses>()

/** The classes of the realm; abort.ts extends them. */
export function eventClasses(powers: AttenuatorPowers): EventClasses {
  const known = made.get(powers)
  if (known !== undefined) return known
  const { harden, onUncaught, realm } = powers
  const states = new WeakMap<object, Dispatch>()
  const stateOf = (event: object): Dispatch => {
    const state = states.get(event)
    if (state === undefined)
      throw refusal('ERR_INVALID_THIS', 'Value of "this" must be of type Event', TypeError)
    return state
  }

  class Event {
    readonly #type: string
    readonly #bubbles: boolean
    readonly #cancelable: boolean
    readonly #composed: boolean
    readonly #timeStamp: number = Math.floor(realm.now())
    constructor(...args: readonly unknown[]) {
      if (args.length === 0)
        throw refusal('ERR_MISSING_ARGS', 'The "type" argument must be specified', TypeError)
      const options = dictionary(args[1])
      this.#type = textOf(args[0])
      this.#bubbles = Boolean(options['bubbles'])
      this.#cancelable = Boolean(options['cancelable'])
      this.#composed = Boolean(options['composed'])
      states.set(this, { target: null, current: null, busy: false, stopped: false, canceled: false })
    }
    get type(): string {
      return this.#type
    }
    get bubbles(): boolean {
      return this.#bubbles
    }
    get cancelable(): boolean {
      return this.#cancelable
    }
    get composed(): boolean {
      return this.#composed
    }
    get timeStamp(): number {
      return this.#timeStamp
    }
    get isTrusted(): boolean {
      return false
    }
    get target(): object | null {
      return stateOf(this).target
    }
    get srcElement(): object | null {
      return stateOf(this).target
    }
    get currentTarget(): object | null {
      return stateOf(this).current
    }
    get eventPhase(): number {
      return stateOf(this).busy ? 2 : 0
    }
    get defaultPrevented(): boolean {
      return stateOf(this).canceled
    }
    get returnValue(): boolean {
      return !stateOf(this).canceled
    }
    composedPath(): readonly object[] {
      const { current } = stateOf(this)
      return current === null ? [] : [current]
    }
    preventDefault(): void {
      if (this.#cancelable) stateOf(this).canceled = true
    }
    stopPropagation(): void {
      stateOf(this)
    }
    stopImmediatePropagation(): void {
      stateOf(this).stopped = true
    }
    static readonly NONE = 0
    static readonly CAPTURING_PHASE = 1
    static readonly AT_TARGET = 2
    static readonly BUBBLING_PHASE = 3
  }

  class CustomEvent extends Event {
    readonly #detail: unknown
    constructor(...args: readonly unknown[]) {
      super(...args)
      this.#detail = dictionary(args[1])['detail'] ?? null
    }
    get detail(): unknown {
      return this.#detail
    }
  }

  class EventTarget {
    readonly #listeners: Map<string, readonly Listener[]> = new Map()
    addEventListener(type: unknown, listener: unknown, options?: unknown): void {
      const name = textOf(type)
      if (listener === null || listener === undefined) return
      if (typeof listener !== 'function' && typeof listener !== 'object') {
        throw refusal(
          'ERR_INVALID_ARG_TYPE',
          'The "listener" argument must be a function or an object',
          TypeError,
        )
      }
      const dict = typeof options === 'boolean' ? { capture: options } : dictionary(options)
      const capture = Boolean(dict['capture'])
      const once = Boolean(dict['once'])
      const signal = dict['signal'] as Partial<AbortSignal> | undefined
      if (signal?.aborted === true) return
      const list = this.#listeners.get(name) ?? []
      if (list.some((known) => known.callback === listener && known.capture === capture)) return
      this.#listeners.set(name, [...list, { callback: listener, capture, once }])
      if (signal !== undefined && signal !== null) {
        const remove = (): void => this.#remove(name, listener, capture)
        Reflect.apply(signal.addEventListener as () => void, signal, ['abort', remove, { once: true }])
      }
    }
    removeEventListener(type: unknown, listener: unknown, options?: unknown): void {
      const name = textOf(type)
      const capture = Boolean(typeof options === 'boolean' ? options : dictionary(options)['capture'])
      this.#remove(name, listener, capture)
    }
    #remove(name: string, listener: unknown, capture: boolean): void {
      const left = (this.#listeners.get(name) ?? []).filter(
        (known) => known.callback !== listener || known.capture !== capture,
      )
      if (left.length === 0) this.#listeners.delete(name)
      else this.#listeners.set(name, left)
    }
    dispatchEvent(event: unknown): boolean {
      const state = typeof event === 'object' && event !== null ? states.get(event) : undefined
      if (state === undefined) {
        throw refusal('ERR_INVALID_ARG_TYPE', 'The "event" argument must be an instance of Event', TypeError)
      }
      if (state.busy) throw refusal('ERR_EVENT_RECURSION', 'The event is already being dispatched')
      const name = (event as Event).type
      Object.assign(state, { target: this, current: this, busy: true, stopped: false })
      try {
        for (const listener of this.#listeners.get(name) ?? []) {
          if (state.stopped) break
          // One removed by an earlier listener of this dispatch no longer runs.
          if (!(this.#listeners.get(name) ?? []).includes(listener)) continue
          if (listener.once) this.#remove(name, listener.callback, listener.capture)
          this.#call(listener.callback, event as Event)
        }
      } finally {
        Object.assign(state, { current: null, busy: false })
      }
      return !state.canceled
    }
    #call(callback: object, event: Event): void {
      try {
        if (typeof callback === 'function') {
          Reflect.apply(callback as (event: Event) => unknown, this, [event])
          return
        }
        const { handleEvent } = callback as { readonly handleEvent?: unknown }
        if (typeof handleEvent === 'function')
          Reflect.apply(handleEvent as (event: Event) => unknown, callback, [event])
      } catch (error) {
        onUncaught(error)
      }
    }
  }
  for (const Class of [Event, CustomEvent, EventTarget]) tag(Class, Class.name)
  const classes = harden({ Event, CustomEvent, EventTarget })
  made.set(powers, classes)
  return classes
}

export function attenuateEvents(powers: AttenuatorPowers): Globals {
  return { ...eventClasses(powers) }
}

/** Gives a class the `Symbol.toStringTag` that its standard names. */
export function tag(Class: { readonly prototype: object }, name: string): void {
  Object.defineProperty(Class.prototype, Symbol.toStringTag, { value: name, configurable: true })
}

function dictionary(options: unknown): Readonly<Record<string, unknown>> {
  return typeof options === 'object' && options !== null ? (options as Record<string, unknown>) : {}
}
