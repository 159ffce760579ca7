/** `stream.duplexPair`: two streams, each of which reads what the other was written. */
import type { Module } from './module.js'

interface Duplex {
  push(chunk: unknown): boolean
  once(name: string, listener: () => void): unknown
}
type Done = (error?: unknown) => void
type DuplexClass = new (options: object) => Duplex

export function makeDuplexPair(stream: Module): (options?: object) => readonly [Duplex, Duplex] {
  return (options = {}) => {
    const Duplex = stream['Duplex'] as DuplexClass
    class Side extends Duplex {
      other: Side | undefined
      #waiting: Done | undefined
      _read(): void {
        const waiting = this.#waiting
        this.#waiting = undefined
        waiting?.()
      }
      /** Takes a chunk from the other side; `done` once it was read. */
      take(chunk: unknown, done: Done): void {
        if (this.push(chunk)) done()
        else this.#waiting = done
      }
      _write(chunk: Uint8Array, _encoding: unknown, done: Done): void {
        if (chunk.length === 0) queueMicrotask(done)
        else this.other?.take(chunk, done)
      }
      _final(done: Done): void {
        this.other?.once('end', done)
        this.other?.push(null)
      }
    }
    const [a, b] = [new Side(options), new Side(options)]
    a.other = b
    b.other = a
    return [a, b]
  }
}
