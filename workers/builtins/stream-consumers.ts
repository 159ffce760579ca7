/** `stream/consumers`: the whole of a stream of either kind, or of any async iterable, as one value. */
import type { Module } from './module.js'
import { bufferOf, type OwnBuffer } from './native-module.js'

type Chunks = AsyncIterable<unknown>

export function makeConsumers(buffer: Module): Module {
  const Buffer = bufferOf(buffer)
  const concat = (buffer['Buffer'] as { concat(parts: readonly Uint8Array[]): OwnBuffer }).concat

  const whole = async (chunks: Chunks): Promise<OwnBuffer> => {
    const parts: Uint8Array[] = []
    for await (const chunk of chunks) parts.push(chunk instanceof Uint8Array ? chunk : Buffer.from(chunk))
    return concat(parts)
  }
  const text = async (chunks: Chunks): Promise<string> => {
    const decoder = new TextDecoder()
    let result = ''
    for await (const chunk of chunks)
      result += typeof chunk === 'string' ? chunk : decoder.decode(chunk as Uint8Array, { stream: true })
    return result + decoder.decode()
  }
  return {
    text,
    json: async (chunks: Chunks) => JSON.parse(await text(chunks)) as unknown,
    buffer: whole,
    bytes: async (chunks: Chunks) => new Uint8Array(await whole(chunks)),
    arrayBuffer: async (chunks: Chunks) => new Uint8Array(await whole(chunks)).buffer,
    blob: async (chunks: Chunks) => {
      const Blob = buffer['Blob'] as new (parts: readonly unknown[]) => object
      return new Blob([await whole(chunks)])
    },
  }
}
