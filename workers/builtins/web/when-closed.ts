/**
 * When a web stream is over, for `finished` of Node's `stream`. A stream tells its reader or writer,
 * and nobody else; so the state of one that is asked is watched from then on.
 */

/** What the polyfill keeps on a stream. */
export interface Stated {
  readonly _state: string
  readonly _storedError: unknown
}
interface Closed {
  /** Fails with what the stream failed with. */
  readonly promise: Promise<void>
}

const watched = new WeakMap<Stated, Closed>()

export function whenClosed(stream: Stated): Closed {
  let closed = watched.get(stream)
  if (closed === undefined) watched.set(stream, (closed = { promise: watch(stream) }))
  return closed
}

function watch(stream: Stated): Promise<void> {
  const promise = new Promise<void>((resolve, reject) => {
    let state = stream._state
    const tell = (): void => {
      if (state === 'closed') resolve()
      // The polyfill names the error after it has changed the state.
      else if (state === 'errored') queueMicrotask(() => reject(stream._storedError))
    }
    const set = (next: string): void => {
      state = next
      tell()
    }
    Object.defineProperty(stream, '_state', { get: () => state, set, configurable: true })
    tell()
  })
  promise.catch(() => {}) // whoever asks is told; a rejection of this one alone is nobody's
  return promise
}
