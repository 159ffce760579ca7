/** The last bytes of a stream, whatever its length: what a child or thread printed, kept for people. */
const OUTPUT_TAIL_BYTES = 8192

export interface OutputTail {
  add(chunk: Buffer): void
  text(): string
}

export function makeOutputTail(): OutputTail {
  let kept = Buffer.alloc(0)
  return {
    add(chunk) {
      kept = Buffer.concat([kept, chunk.subarray(-OUTPUT_TAIL_BYTES)]).subarray(-OUTPUT_TAIL_BYTES)
    },
    text: () => kept.toString('utf8'),
  }
}
