/** How an answer comes later: as a promise after this turn, or through a callback. */
import { argumentError } from './argument-error.js'
import { power } from './power.js'

/** What `run` gives, after the I/O of this turn. */
export function soon<T>(run: () => T): Promise<T> {
  return new Promise((resolve, reject) => {
    power.later(() => {
      try {
        resolve(run())
      } catch (error) {
        reject(error as Error)
      }
    })
  })
}

/** Tells a callback what becomes of a promise; `spread` makes its arguments after the error. Never rejects. */
export async function tell<T>(
  promise: Promise<T>,
  callback: unknown,
  spread: (value: T) => readonly unknown[] = (value) => (value === undefined ? [] : [value]),
): Promise<void> {
  let values: readonly unknown[]
  try {
    values = [null, ...spread(await promise)]
  } catch (error) {
    values = [error]
  }
  power.call(callback, ...values)
}

/** The promise, or nothing where a callback takes its place. */
export function withCallback<T>(promise: Promise<T>, callback: unknown): Promise<T> | undefined {
  if (callback === undefined) return promise
  void tell(promise, checkedCallback(callback))
  return undefined
}

export function checkedCallback(callback: unknown): unknown {
  if (typeof callback === 'function') return callback
  throw argumentError('The "cb" argument must be of type function')
}
