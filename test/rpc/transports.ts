/** Every kind of Port, as a pair of its two ends. */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MessageChannel } from 'node:worker_threads'
import { memoryPortPair } from '../../lib/testing/memory-port.js'
import { messagePortPort, socketPort, type Port } from '../../lib/rpc/port.js'

export interface Transport {
  readonly name: string
  /** `later` takes what is to be undone when the test is over. */
  open(later: (undo: () => void) => void): Promise<[Port, Port]>
}

export const TRANSPORTS: readonly Transport[] = [
  { name: 'memory', open: async () => memoryPortPair() },
  { name: 'memory, cut at random', open: async () => memoryPortPair({ random: makeRandom(1) }) },
  {
    name: 'MessagePort',
    async open(later) {
      const { port1, port2 } = new MessageChannel()
      later(() => port1.close())
      later(() => port2.close())
      return [messagePortPort(port1), messagePortPort(port2)]
    },
  },
  {
    name: 'socket',
    async open(later) {
      const directory = mkdtempSync(join(tmpdir(), 'port-'))
      const path = process.platform === 'win32' ? `\\\\.\\pipe\\${directory}` : join(directory, 's')
      const server = createServer()
      const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve))
      await new Promise<void>((resolve) => server.listen(path, resolve))
      const near = connect(path)
      const far = await accepted
      server.close()
      later(() => {
        near.destroy()
        far.destroy()
        rmSync(directory, { recursive: true, force: true })
      })
      return [socketPort(near), socketPort(far)]
    },
  },
]

/** Mulberry32: the same cuts in every run. */
export function makeRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000
  }
}
