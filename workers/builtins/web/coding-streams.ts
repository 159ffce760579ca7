/** TextEncoderStream and TextDecoderStream: the plugin's encoder and decoder as transforms. */
import { TransformStream } from './streams.js'
import { tag } from './tag.js'

class Pair<In, Out> {
  readonly #pair: InstanceType<typeof TransformStream<In, Out>>
  constructor(pair: InstanceType<typeof TransformStream<In, Out>>) {
    this.#pair = pair
  }
  get readable(): InstanceType<typeof TransformStream<In, Out>>['readable'] {
    return this.#pair.readable
  }
  get writable(): InstanceType<typeof TransformStream<In, Out>>['writable'] {
    return this.#pair.writable
  }
}

export class TextEncoderStream extends Pair<unknown, Uint8Array> {
  constructor() {
    const encoder = new TextEncoder()
    let high = '' // a first half of a surrogate pair, whose second may come with the next chunk
    super(
      new TransformStream({
        transform(chunk, controller) {
          const text = `${high}${chunk as string}`
          const splits = /[\ud800-\udbff]$/.test(text)
          high = splits ? text.slice(-1) : ''
          const bytes = encoder.encode(splits ? text.slice(0, -1) : text)
          if (bytes.byteLength > 0) controller.enqueue(bytes)
        },
        flush(controller) {
          if (high !== '') controller.enqueue(encoder.encode(high))
        },
      }),
    )
  }
  get encoding(): string {
    return 'utf-8'
  }
}

export class TextDecoderStream extends Pair<unknown, string> {
  readonly #decoder: InstanceType<typeof TextDecoder>
  constructor(encoding: string = 'utf-8', options: TextDecoderOptions = {}) {
    const decoder = new TextDecoder(encoding, options)
    super(
      new TransformStream({
        transform(chunk, controller) {
          const text = decoder.decode(chunk as Uint8Array, { stream: true })
          if (text !== '') controller.enqueue(text)
        },
        flush(controller) {
          const text = decoder.decode()
          if (text !== '') controller.enqueue(text)
        },
      }),
    )
    this.#decoder = decoder
  }
  get encoding(): string {
    return this.#decoder.encoding
  }
  get fatal(): boolean {
    return this.#decoder.fatal
  }
  get ignoreBOM(): boolean {
    return this.#decoder.ignoreBOM
  }
}

type TextDecoderOptions = NonNullable<ConstructorParameters<typeof TextDecoder>[1]>

tag(TextEncoderStream, 'TextEncoderStream')
tag(TextDecoderStream, 'TextDecoderStream')
