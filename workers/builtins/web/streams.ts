/**
 * The web streams as `stream` and undici's fetch look at them: web-streams-polyfill, and the
 * registered symbols by which Node's `isDisturbed`, `isErrored` and `isReadable` ask a stream.
 */
import * as ponyfill from 'web-streams-polyfill'
import { whenClosed, type Stated } from './when-closed.js'

/** Fields that the polyfill keeps on its objects. Its version is pinned for them. */
interface ReadableFields extends Stated {
  readonly _state: 'readable' | 'closed' | 'errored'
  readonly _disturbed: boolean
  readonly _readableStreamController: { error(reason: unknown): void }
}
interface WritableFields extends Stated {
  readonly _state: 'writable' | 'closed' | 'erroring' | 'errored'
  readonly _writableStreamController: { error(reason: unknown): void }
}

export { ReadableStream, TransformStream, WritableStream } from 'web-streams-polyfill'

/** What `stream/web` exports under these names, and the globals are called. */
export const STREAM_CLASSES: Readonly<Record<string, unknown>> = { ...ponyfill }

function answer<T>(owner: object, symbol: string, read: (stream: T) => unknown): void {
  const get = function get(this: T): unknown {
    return read(this)
  }
  Object.defineProperty(owner, Symbol.for(symbol), { get, configurable: true })
}

const readable = ponyfill.ReadableStream.prototype
answer<ReadableFields>(readable, 'nodejs.stream.disturbed', (stream) => stream._disturbed)
answer<ReadableFields>(readable, 'nodejs.stream.errored', (stream) => stream._state === 'errored')
answer<ReadableFields>(readable, 'nodejs.stream.readable', (stream) => stream._state === 'readable')
answer<ReadableFields>(
  readable,
  'nodejs.webstream.controllerErrorFunction',
  (stream) => (reason: unknown) => {
    if (stream._state === 'readable') stream._readableStreamController.error(reason)
  },
)
answer(readable, 'nodejs.webstream.isClosedPromise', whenClosed)
const writable = ponyfill.WritableStream.prototype
answer<WritableFields>(writable, 'nodejs.stream.errored', (stream) => stream._state === 'errored')
answer<WritableFields>(writable, 'nodejs.stream.writable', (stream) => stream._state === 'writable')
answer<WritableFields>(
  writable,
  'nodejs.webstream.controllerErrorFunction',
  (stream) => (reason: unknown) => {
    if (stream._state === 'writable') stream._writableStreamController.error(reason)
  },
)
answer(writable, 'nodejs.webstream.isClosedPromise', whenClosed)

/**
 * The polyfill decides at its first chunk how it takes memory over, by whether buffers have `transfer`.
 * SES gives every engine one, also where it can only throw (Node 20); the first chunk there has none,
 * so that `structuredClone` does it.
 */
function chooseTransfer(): void {
  const buffer = new ArrayBuffer(1)
  try {
    ;(buffer as { transfer?: () => unknown }).transfer?.()
  } catch {
    Object.defineProperty(buffer, 'transfer', { value: undefined })
    new ponyfill.ReadableStream({
      type: 'bytes',
      start: (controller) => controller.enqueue(new Uint8Array(buffer)),
    })
  }
}
chooseTransfer()
