/**
 * One coding stream: bytes in, bytes out, one operation at a time. Node's own stream
 * stays in here; the plugin's stream class (workers/builtins/zlib/stream.ts) pulls.
 *
 * One at a time because Node does not guard it: a `reset` or `params` while a thread of
 * the pool works on the same state would corrupt memory.
 */
import { alone, bytesIn, callbackIn, integerIn } from '../arguments.js'
import { hostError, hosted } from '../host-error.js'
import { refusal } from '../refusal.js'
import type { HostStream } from './host.js'

/** Input goes to the pool in pieces of this size, so that no job of one plugin holds a pool thread for long. */
const SLICE_BYTES = 65_536
const LAST_FLUSH_KIND = 5

export interface ZlibStream {
  /** Takes a copy. What comes out of it is to be had with `next`; so for the other operations. */
  write(bytes: unknown): void
  flush(kind: unknown): void
  params(level: unknown, strategy: unknown): void
  end(): void
  /**
   * The next piece; `null` when the operation is done and all of it was read; `undefined`
   * when there is none yet: `wake` is then called, once, when it is worth asking again.
   */
  next(wake: unknown): Uint8Array | null | undefined
  reset(): void
  close(): void
}

/**
 * @param call - runs a function of the plugin; must not throw
 * @param closed - called once, when nothing of the stream is left
 */
export function makeZlibStream(
  stream: HostStream,
  call: (run: () => void) => void,
  closed: () => void,
): ZlibStream {
  let busy = false
  let ending = false
  let ended = false
  let open = true
  let failure: unknown
  let waiting: (() => void) | undefined

  const wakeUp = (): void => {
    const wake = waiting
    waiting = undefined
    if (wake !== undefined) call(wake)
  }
  const close = (): void => {
    if (!open) return
    open = false
    waiting = undefined
    stream.destroy()
    closed()
  }
  const fail = (error: unknown): void => {
    failure ??= error
    wakeUp()
  }
  const done = (error?: unknown): void => {
    busy = false
    if (error === undefined || error === null) wakeUp()
    else fail(error)
  }
  const begin = (start: () => void): void => {
    if (!open || ending) throw refusal('ERR_STREAM_DESTROYED', 'The zlib stream is closed')
    if (busy) throw refusal('ERR_INVALID_STATE', 'The zlib stream is still at work')
    busy = true
    try {
      hosted(start)
    } catch (error) {
      busy = false
      throw error
    }
  }
  stream.on('error', fail)
  stream.on('readable', wakeUp)
  stream.on('end', () => {
    ended = true // also when something follows the end of the coded data
    if (ending) done()
  })

  return {
    write(value) {
      const bytes = bytesIn(value, 'chunk')
      begin(() => {
        let at = 0
        for (; at + SLICE_BYTES < bytes.length; at += SLICE_BYTES)
          stream.write(bytes.subarray(at, at + SLICE_BYTES))
        stream.write(bytes.subarray(at), done)
      })
    },
    flush(value) {
      const kind = integerIn(value, 'kind', 0, LAST_FLUSH_KIND)
      begin(() => stream.flush(kind, done))
    },
    params(level, strategy) {
      const [wholeLevel, wholeStrategy] = [
        integerIn(level, 'level', -1, 9),
        integerIn(strategy, 'strategy', 0, 4),
      ]
      begin(() => stream.params(wholeLevel, wholeStrategy, () => done()))
    },
    end() {
      begin(() => stream.end()) // 'finish' comes before the last bytes, only 'end' says that they are out
      if (ended) busy = false
      ending = true
    },
    next(wake) {
      const again = callbackIn(wake)
      if (failure !== undefined) {
        const error = hostError(failure)
        close()
        throw error
      }
      if (!open) return null
      const piece = stream.read() as Uint8Array | null
      if (piece !== null) return alone(piece)
      if (!busy) {
        if (ending) close()
        return null
      }
      waiting = again
      return undefined
    },
    reset: () => {
      begin(() => stream.reset())
      busy = false
    },
    close,
  }
}
