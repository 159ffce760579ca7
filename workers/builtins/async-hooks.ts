/**
 * `async_hooks` for packages that bind callbacks with AsyncResource and look at nothing.
 * There is no hook and no AsyncLocalStorage here, so a resource has nothing to carry
 * from where it was made to where it runs: to run in its scope is to call.
 */
import type { Module } from './module.js'
import { invalidArgument } from './native-module.js'

type Call = (...args: readonly unknown[]) => unknown

let lastId = 1

class AsyncResource {
  readonly #id = ++lastId
  constructor(type: unknown) {
    if (typeof type !== 'string') throw invalidArgument('type', 'of type string')
  }
  static bind(run: unknown, type?: unknown, self?: unknown): Call {
    return new AsyncResource(type ?? 'bound-anonymous-fn').bind(run, self)
  }
  bind(run: unknown, self?: unknown): Call {
    if (typeof run !== 'function') throw invalidArgument('fn', 'of type function')
    const call = run as Call
    const bound = function (this: unknown, ...args: readonly unknown[]): unknown {
      return Reflect.apply(call, self ?? this, args)
    }
    Object.defineProperty(bound, 'length', { value: call.length })
    return bound
  }
  runInAsyncScope(run: Call, self?: unknown, ...args: readonly unknown[]): unknown {
    return Reflect.apply(run, self, args)
  }
  emitDestroy(): this {
    return this
  }
  asyncId(): number {
    return this.#id
  }
  triggerAsyncId(): number {
    return 0
  }
}

/** Made and then found empty behind the first `await`, it would mislead; so it says at once that it is not there. */
class AsyncLocalStorage {
  constructor() {
    throw refused('AsyncLocalStorage', 'pass the value as an argument')
  }
}

export function makeAsyncHooks(): Module {
  return {
    AsyncResource,
    AsyncLocalStorage,
    createHook: () => {
      throw refused('createHook', 'it shows what all code of the thread does')
    },
    executionAsyncId: () => 0,
    triggerAsyncId: () => 0,
    executionAsyncResource: () => ({}),
  }
}

function refused(name: string, why: string): Error {
  const message = `async_hooks.${name} is not available to plugins: ${why}`
  return Object.assign(new Error(message), { code: 'ERR_ACCESS_DENIED' })
}
