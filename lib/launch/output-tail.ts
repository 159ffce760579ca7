/** The last bytes of a stream, whatever its length: what a child or thread printed, kept for people. */
import type { Readable } from 'node:stream'

export interface OutputTail {
  /** Reads a stream to its end, at a bounded rate: code behind fallen walls may print as fast as it can. */
  of(stream: Readable): void
  add(chunk: Buffer): void
  text(): string
}

const OUTPUT_TAIL_BYTES = 8192
/** So much is read, then nothing for a while: 640 KiB a second at most. */
const BYTES_BEFORE_REST = 65_536
const REST_MS = 100

export function makeOutputTail(): OutputTail {
  let kept = Buffer.alloc(0)
  let bytes = 0

  function add(chunk: Buffer): void {
    kept = Buffer.concat([kept, chunk.subarray(-OUTPUT_TAIL_BYTES)]).subarray(-OUTPUT_TAIL_BYTES)
  }

  return {
    of(stream) {
      stream.on('data', (chunk: Buffer) => {
        add(chunk)
        bytes += chunk.length
        if (bytes < BYTES_BEFORE_REST) return
        bytes = 0
        stream.pause()
        setTimeout(() => stream.resume(), REST_MS)
      })
    },
    add,
    text: () => kept.toString('utf8'),
  }
}
