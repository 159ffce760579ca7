/**
 * Bodies between the wire and the plugin. What comes from the plugin may be anything:
 * each value is looked at once, bytes are copied, a stream is checked chunk by chunk.
 */
import type { PluginError } from '../lib/errors.js'
import type { Payload, Received } from '../lib/rpc/channel.js'
import type { WireBody } from '../lib/protocol/plugin-api.js'
import { refusal } from './attenuate/refusal.js'

/** 'Uint8Array' for a real one, undefined for a proxy around one: the getter looks at the object's own slots. */
const typedArrayTag = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype) as object,
  Symbol.toStringTag,
)?.get as () => string | undefined

function isBytes(value: unknown): value is Uint8Array {
  return Reflect.apply(typedArrayTag, value, []) === 'Uint8Array'
}

/** A received body as the plugin gets it: plain values and copies, nothing that trusted code keeps. */
export function bodyForPlugin(body: WireBody, received: Received, harden: <T>(value: T) => T): unknown {
  switch (body.kind) {
    case 'none':
      return null
    case 'json':
    case 'text':
      return body.value
    case 'bytes':
      return new Uint8Array(received.sections[0] ?? new Uint8Array(0))
    case 'stream': {
      const stream = received.streams[0]
      return stream === undefined ? null : streamForPlugin(stream, harden)
    }
  }
}

/** A stream whose failure reaches the plugin as an ordinary error: one of trusted code would lead to its class. */
function streamForPlugin(stream: AsyncIterable<Uint8Array>, harden: <T>(value: T) => T): object {
  // Made anew for each stream, because a generator's prototype is an object that the plugin can reach.
  async function* read(): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of stream) yield chunk
    } catch (error) {
      const { code, message } = error as PluginError
      throw refusal(code, message)
    }
  }
  return harden({ [Symbol.asyncIterator]: () => read() })
}

export interface BodyOut {
  readonly body: WireBody
  readonly extra: Pick<Payload, 'sections' | 'streams'>
}

/** A body that the plugin gave; JSON values are made text by the caller, in one piece with the rest. */
export function bodyFromPlugin(value: unknown): BodyOut {
  if (value === undefined || value === null) return { body: { kind: 'none' }, extra: {} }
  if (typeof value === 'string') return { body: { kind: 'text', value }, extra: {} }
  if (isBytes(value)) return { body: { kind: 'bytes' }, extra: { sections: [new Uint8Array(value)] } }
  if (typeof value === 'object') {
    const iterate: unknown = Reflect.get(value, Symbol.asyncIterator)
    if (typeof iterate === 'function') {
      return { body: { kind: 'stream' }, extra: { streams: [copied(value, iterate as () => unknown)] } }
    }
  }
  return { body: { kind: 'json', value: value as never }, extra: {} }
}

/** The plugin's chunks as copies of our own. */
async function* copied(source: object, iterate: () => unknown): AsyncGenerator<Uint8Array> {
  const iterator = Reflect.apply(iterate, source, []) as AsyncIterator<unknown>
  try {
    for (;;) {
      const step = await iterator.next()
      if (step.done === true) return
      const chunk = step.value
      if (!isBytes(chunk)) throw new TypeError('a stream body yields Uint8Array chunks only')
      yield new Uint8Array(chunk)
    }
  } finally {
    await iterator.return?.()
  }
}
