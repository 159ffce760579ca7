/** `fs.watch`: an emitter of names, and the same as an async iterator. */
import { nameInEncoding, optionsOf, type Options } from './options.js'
import { pathOf } from './path.js'
import { power } from './power.js'

interface Emitter {
  on(name: string, listener: unknown): unknown
  emit(name: string, ...args: readonly unknown[]): boolean
}
interface Signal {
  readonly aborted?: unknown
  readonly reason?: unknown
  addEventListener?(type: string, listener: () => void, options: { readonly once: boolean }): void
}

function begin(path: unknown, options: Options, tell: (event: unknown, name: unknown) => void): () => void {
  if (options['recursive'] === true) {
    throw Object.assign(new TypeError('watch with the option recursive is not available to plugins'), {
      code: 'ERR_FEATURE_UNAVAILABLE_ON_PLATFORM',
    })
  }
  return power.watch(pathOf(path), (event: unknown, name: unknown) =>
    tell(event, typeof name === 'string' ? nameInEncoding(name, options['encoding']) : null),
  )
}

export function watcherOf(
  EventEmitter: new () => Emitter,
): (path: unknown, ...rest: readonly unknown[]) => Emitter {
  class FSWatcher extends EventEmitter {
    #end: (() => void) | undefined
    start(path: unknown, options: Options): this {
      this.#end = begin(path, options, (event, name) => void this.emit('change', event, name))
      const signal = options['signal'] as Signal | undefined
      if (signal?.aborted === true) power.later(() => this.close())
      signal?.addEventListener?.('abort', () => this.close(), { once: true })
      return this
    }
    close(): void {
      if (this.#end === undefined) return
      this.#end()
      this.#end = undefined
      power.later(() => void this.emit('close'))
    }
    ref(): this {
      return this
    }
    unref(): this {
      return this
    }
  }
  return (path, ...rest) => {
    const listener = rest.find((value) => typeof value === 'function')
    const watcher = new FSWatcher()
    if (listener !== undefined) watcher.on('change', listener)
    return watcher.start(path, optionsOf(typeof rest[0] === 'function' ? undefined : rest[0]))
  }
}

const MOST_WAITING = 2048

/** `fs.promises.watch`; the oldest names are dropped when nobody takes them. */
export async function* watchIterator(path: unknown, given?: unknown): AsyncGenerator<unknown> {
  const options = optionsOf(given)
  const signal = options['signal'] as Signal | undefined
  const queue: unknown[] = []
  let wake = (): void => undefined
  const aborted = (): Error =>
    Object.assign(new Error('The operation was aborted', { cause: signal?.reason }), {
      name: 'AbortError',
      code: 'ABORT_ERR',
    })
  if (signal?.aborted === true) throw aborted()
  const end = begin(path, options, (eventType, filename) => {
    if (queue.length >= MOST_WAITING) queue.shift()
    queue.push({ eventType, filename })
    wake()
  })
  signal?.addEventListener?.('abort', () => wake(), { once: true })
  try {
    for (;;) {
      if (signal?.aborted === true) throw aborted()
      const next = queue.shift()
      if (next !== undefined) yield next
      else await new Promise<void>((resolve) => (wake = resolve))
    }
  } finally {
    end()
  }
}
