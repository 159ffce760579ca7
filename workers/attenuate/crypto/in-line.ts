/** Work with a callback: it waits in the plugin's line, and its answer is the plugin's own values. */
import { callbackIn } from '../arguments.js'
import { hostError } from '../host-error.js'
import type { WorkLine } from '../work-line.js'

export interface Line {
  readonly line: WorkLine
  /** Runs a function of the plugin; does not throw. */
  readonly call: (run: () => void) => void
}
type Answer<T> = (error: Error | null, value: T) => void

/**
 * @param start - begins the work when its turn comes
 * @param plain - makes what the plugin gets of what Node gave
 */
export function inLine<T>(
  { line, call }: Line,
  done: unknown,
  start: (answer: Answer<T>) => void,
  plain: (value: T) => unknown,
): void {
  const tell = callbackIn(done)
  line.add((leave) => {
    const answer: Answer<T> = (error, value) => {
      let values: readonly unknown[]
      try {
        values = error === null ? [null, plain(value)] : [hostError(error)]
      } catch (failure) {
        values = [hostError(failure)]
      }
      call(() => tell(...values))
      leave()
    }
    try {
      start(answer)
    } catch (error) {
      answer(error as Error, undefined as T)
    }
  })
}
