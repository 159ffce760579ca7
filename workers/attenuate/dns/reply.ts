/** The plugin's callback of one question: called once, in a turn of its own, never after the stop. */
import { callbackIn } from '../arguments.js'
import { refusal } from '../refusal.js'

export interface Reply {
  /** Tells what `make` gives or throws. */
  give(make: () => unknown): void
  /** Runs what decides; what it throws is told, and the answer is false. */
  passes(decideAll: () => void): boolean
}

export interface Replies {
  /** @throws TypeError for no function; Error `PLUGIN_STOPPED` after the stop */
  take(callback: unknown): Reply
  stop(): void
}

export function makeReplies(soon: (run: () => void) => void, onUncaught: (error: unknown) => void): Replies {
  let stopped = false
  return {
    take(given) {
      if (stopped) throw refusal('PLUGIN_STOPPED', 'this plugin was stopped: it can ask for no name any more')
      const callback = callbackIn(given)
      const tell = (...values: readonly unknown[]): void => {
        if (stopped) return
        try {
          callback(...values)
        } catch (error) {
          onUncaught(error)
        }
      }
      return {
        give(make) {
          let value: unknown
          try {
            value = make()
          } catch (error) {
            return tell(error)
          }
          tell(null, value)
        },
        passes(decideAll) {
          try {
            decideAll()
            return true
          } catch (error) {
            soon(() => tell(error))
            return false
          }
        },
      }
    },
    stop() {
      stopped = true
    },
  }
}
