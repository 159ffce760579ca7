/**
 * How much of one plugin's work is on Node's thread pool at once. All threads of a
 * process share the pool's four threads, and what runs there cannot be stopped.
 */
import { refusal } from './refusal.js'

/** Half of the pool: the rest stays for files and names of the node and of other plugins. */
const MOST_AT_ONCE = 2
/** libuv gives names two threads of the pool at most (UV_THREADPOOL_SIZE / 2), so a second one would be all of them. */
export const LOOKUPS_AT_ONCE = 1
/** Each waits with a copy of its input, which counts as memory of the plugin. */
const MOST_WAITING = 1000

export interface WorkLine {
  /** Starts the work when its turn comes; it calls `leave` once, when it is done. @throws Error `ERR_WORK_LIMIT` */
  add(start: (leave: () => void) => void): void
  /** Forgets what waits and starts nothing any more. */
  close(): void
}

/** @param soon - runs at the end of the current turn, so that no callback comes before its call returned */
export function makeWorkLine(soon: (run: () => void) => void, mostAtOnce: number = MOST_AT_ONCE): WorkLine {
  const waiting: ((leave: () => void) => void)[] = []
  let running = 0
  let closed = false
  const step = (): void => {
    while (!closed && running < mostAtOnce) {
      const start = waiting.shift()
      if (start === undefined) return
      running += 1
      let left = false
      start(() => {
        if (left) return
        left = true
        running -= 1
        step()
      })
    }
  }
  return {
    add(start) {
      if (closed) throw refusal('PLUGIN_STOPPED', 'this plugin was stopped: it can start no work any more')
      if (waiting.length >= MOST_WAITING) {
        const message = `${MOST_WAITING} asynchronous operations of this plugin are waiting: await some first`
        throw refusal('ERR_WORK_LIMIT', message, RangeError)
      }
      waiting.push(start)
      soon(step)
    },
    close() {
      closed = true
      waiting.length = 0
    },
  }
}
