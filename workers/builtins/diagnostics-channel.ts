/**
 * `diagnostics_channel` with the plugin's own channels: its packages speak to each
 * other over them, and nothing of the node or of another plugin publishes here.
 * Left out are bound stores (`bindStore`): they need AsyncLocalStorage.
 */
import type { Module } from './module.js'
import { invalidArgument } from './native-module.js'

type Subscriber = (message: unknown, name: string | symbol) => void
type Call = (...args: readonly unknown[]) => unknown
type Context = Record<string, unknown>

/** One per name for as long as the plugin runs; the names are the plugin's own memory. */
const channels = new Map<string | symbol, Channel>()

class Channel {
  readonly name: string | symbol
  #subscribers: readonly Subscriber[] = []
  constructor(name: string | symbol) {
    this.name = name
  }
  get hasSubscribers(): boolean {
    return this.#subscribers.length > 0
  }
  subscribe(subscriber: unknown): void {
    if (typeof subscriber !== 'function') throw invalidArgument('subscription', 'of type function')
    this.#subscribers = [...this.#subscribers, subscriber as Subscriber]
  }
  unsubscribe(subscriber: unknown): boolean {
    const at = this.#subscribers.indexOf(subscriber as Subscriber)
    this.#subscribers = this.#subscribers.filter((_, index) => index !== at)
    return at !== -1
  }
  /** What a subscriber throws is reported and hinders neither the others nor the publisher. */
  publish(message: unknown): void {
    for (const subscriber of this.#subscribers) {
      try {
        subscriber(message, this.name)
      } catch (error) {
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }
  runStores(context: unknown, run: Call, self?: unknown, ...args: readonly unknown[]): unknown {
    this.publish(context)
    return Reflect.apply(run, self, args)
  }
}

function channel(name: unknown): Channel {
  if (typeof name !== 'string' && typeof name !== 'symbol') {
    throw invalidArgument('channel', 'of type string or symbol')
  }
  const known = channels.get(name)
  if (known !== undefined) return known
  const made = new Channel(name)
  channels.set(name, made)
  return made
}

const EVENTS = ['start', 'end', 'asyncStart', 'asyncEnd', 'error'] as const
type Traced = Readonly<Record<(typeof EVENTS)[number], Channel>>

class TracingChannel {
  declare readonly start: Channel
  declare readonly end: Channel
  declare readonly asyncStart: Channel
  declare readonly asyncEnd: Channel
  declare readonly error: Channel
  constructor(given: unknown) {
    for (const event of EVENTS) {
      const value =
        typeof given === 'string' ? channel(`tracing:${given}:${event}`) : (given as Partial<Traced>)[event]
      if (!(value instanceof Channel)) throw invalidArgument(`nameOrChannels.${event}`, 'a Channel')
      Object.defineProperty(this, event, { value, enumerable: true })
    }
  }
  get hasSubscribers(): boolean {
    return EVENTS.some((event) => this[event].hasSubscribers)
  }
  subscribe(handlers: Readonly<Record<string, unknown>>): void {
    for (const event of EVENTS) if (handlers[event] !== undefined) this[event].subscribe(handlers[event])
  }
  unsubscribe(handlers: Readonly<Record<string, unknown>>): boolean {
    const asked = EVENTS.filter((event) => handlers[event] !== undefined)
    return asked.map((event) => this[event].unsubscribe(handlers[event])).every(Boolean)
  }
  traceSync(run: Call, context: Context = {}, self?: unknown, ...args: readonly unknown[]): unknown {
    if (!this.hasSubscribers) return Reflect.apply(run, self, args)
    return this.#started(context, () => {
      const result = Reflect.apply(run, self, args)
      context['result'] = result
      return result
    })
  }
  tracePromise(run: Call, context: Context = {}, self?: unknown, ...args: readonly unknown[]): unknown {
    if (!this.hasSubscribers) return Reflect.apply(run, self, args)
    return this.#started(context, () => {
      const promise = Promise.resolve(Reflect.apply(run, self, args))
      return promise.then(
        (result: unknown) => {
          this.#settled(context, null, result)
          return result
        },
        (error: unknown) => {
          this.#settled(context, { error }, undefined)
          throw error
        },
      )
    })
  }
  /** @param at - place of the callback in `args`, counted from the end when negative */
  traceCallback(
    run: Call,
    at = -1,
    context: Context = {},
    self?: unknown,
    ...args: readonly unknown[]
  ): unknown {
    if (!this.hasSubscribers) return Reflect.apply(run, self, args)
    const callback = args.at(at)
    if (typeof callback !== 'function') throw invalidArgument('callback', 'of type function')
    const traced = (...values: readonly unknown[]): void => {
      const [error, result] = values
      const failed = error !== null && error !== undefined ? { error } : null
      this.#settled(context, failed, result, () => void Reflect.apply(callback as Call, undefined, values))
    }
    return this.#started(context, () => Reflect.apply(run, self, args.with(at, traced)))
  }

  #started(context: Context, run: () => unknown): unknown {
    this.start.publish(context)
    try {
      return run()
    } catch (error) {
      context['error'] = error
      this.error.publish(context)
      throw error
    } finally {
      this.end.publish(context)
    }
  }

  #settled(
    context: Context,
    failed: { readonly error: unknown } | null,
    result: unknown,
    then?: () => void,
  ): void {
    if (failed === null) context['result'] = result
    else {
      context['error'] = failed.error
      this.error.publish(context)
    }
    this.asyncStart.publish(context)
    try {
      then?.()
    } finally {
      this.asyncEnd.publish(context)
    }
  }
}

export function makeDiagnosticsChannel(): Module {
  return {
    channel,
    hasSubscribers: (name: unknown) => channels.get(name as string)?.hasSubscribers ?? false,
    subscribe: (name: unknown, subscriber: unknown) => channel(name).subscribe(subscriber),
    unsubscribe: (name: unknown, subscriber: unknown) => channel(name).unsubscribe(subscriber),
    tracingChannel: (nameOrChannels: unknown) => new TracingChannel(nameOrChannels),
    Channel,
  }
}
