/** The open streams of one channel, both directions, by id; each belongs to a call. */
import { PluginError } from '../errors.js'
import { FRAME_KIND } from '../protocol/frame-kind.js'
import { CHUNK_BYTES } from '../protocol/limits.js'
import { parseWireError } from '../protocol/wire-error.js'
import { HEADER_BYTES, type Frame } from './frame.js'
import { parseBody } from './scan.js'
import { makeConsumer, pump, type Consumer, type Producer, type StreamWire } from './streams.js'
import { violation, wasGiven, writeFailure, type Wire } from './wire.js'

export interface StreamTable {
  /**
   * Announces streams of a call or of its reply; what it returns begins to send them and
   * runs `onEnd` once all are over.
   * @throws PluginError `QUEUE_FULL` when the peer takes no more streams; nothing was announced then
   */
  announce(
    call: number,
    whose: 'call' | 'reply',
    sources: readonly AsyncIterable<Uint8Array>[],
  ): (onEnd?: () => void) => readonly Producer[]
  /** Reads a streamOpen frame. */
  open(frame: Frame): { readonly call: number; readonly whose: 'call' | 'reply'; readonly consumer: Consumer }
  /** Chunk, end or error of a stream of the peer. */
  data(frame: Frame): void
  /** Credit or cancel for a stream of this side. */
  control(frame: Frame): void
  /** Chunks and credits that waited for a rate may go. */
  wake(): void
  close(reason: PluginError): void
}

const MOST_STRAYS = 4096
const MIB = 1_048_576

/**
 * @param mostKept - bytes that may wait here for their readers. Windows hold open streams to it; one that
 *   has ended has no window any more, and its chunks may be unread still
 */
export function makeStreamTable(wire: Wire, mostKept: number = Infinity): StreamTable {
  const producers = new Map<number, Producer>()
  const consumers = new Map<number, Consumer>()
  /** Credits and cancels that may still be on their way for streams that have ended. */
  let strays = 0
  let kept = 0
  let nextOut = wire.firstId
  let nextIn = wire.firstId

  /** Frames of streams may be made after the closing; they have nowhere to go then. */
  const send: StreamWire = {
    chunk: (id, bytes) => wire.isOpen() && wire.write(FRAME_KIND.streamChunk, id, 0, '', '', [bytes]),
    end: (id) => wire.isOpen() && wire.write(FRAME_KIND.streamEnd, id, 0),
    fail: (id, error) => wire.isOpen() && writeFailure(wire, FRAME_KIND.streamError, id, error),
    credit(id, count) {
      if (!wire.isOpen() || wire.intake.usedUp(wire.now()) !== undefined) return false
      wire.write(FRAME_KIND.streamCredit, id, count)
      return true
    },
    cancel: (id) => wire.isOpen() && wire.write(FRAME_KIND.streamCancel, id, 0),
    ready: () => wire.outlet.usedUp() === undefined,
    hold(bytes) {
      kept += bytes
      wire.outlet.hold(bytes)
    },
  }

  function tooMuch(): PluginError {
    const most = (2 * mostKept) / MIB
    wire.onLimit({ limit: 'hostMb', action: 'refused', used: null, most })
    return new PluginError('STREAM_ABORTED', {
      message: 'too much of its streams is unread',
      limit: `hostMb ${most}`,
    })
  }

  return {
    announce(call, whose, sources) {
      const peer = wire.peer()
      if (peer === undefined || producers.size + sources.length > peer.maxStreams) {
        throw new PluginError('QUEUE_FULL', { streams: producers.size })
      }
      const ids = sources.map(() => {
        const id = nextOut
        nextOut = (nextOut + 1) >>> 0
        wire.write(FRAME_KIND.streamOpen, id, call, whose)
        return id
      })
      const chunkBytes = Math.min(CHUNK_BYTES, peer.maxFrameBytes - HEADER_BYTES - 4)
      return (onEnd) => {
        let left = ids.length
        if (left === 0) onEnd?.()
        return ids.map((id, index) => {
          const source = sources[index] as AsyncIterable<Uint8Array>
          const producer = pump(id, source, peer.streamWindow, chunkBytes, send, () => {
            producers.delete(id)
            strays = Math.min(MOST_STRAYS, strays + peer.streamWindow + 1)
            if (--left === 0) onEnd?.()
          })
          producers.set(id, producer)
          return producer
        })
      }
    },
    open(frame) {
      if (frame.id !== nextIn) throw violation('streams count up by one', frame)
      if (consumers.size >= wire.limits.maxStreams) throw violation('stream count', frame)
      const whose = frame.method
      if (whose !== 'call' && whose !== 'reply')
        throw violation('a stream belongs to a call or a reply', frame)
      nextIn = (nextIn + 1) >>> 0
      const consumer = makeConsumer(frame.id, wire.limits.streamWindow, send)
      consumers.set(frame.id, consumer)
      return { call: frame.aux, whose, consumer }
    },
    data(frame) {
      const consumer = consumers.get(frame.id)
      if (consumer === undefined) throw violation('no such stream is open', frame)
      if (frame.kind === FRAME_KIND.streamChunk) {
        const bytes = frame.sections[0]
        if (bytes === undefined || frame.sections.length !== 1)
          throw violation('a chunk is one section', frame)
        if (bytes.length > CHUNK_BYTES) throw violation('chunk size', frame)
        if (kept + bytes.length > mostKept) consumer.refuse(tooMuch())
        return consumer.chunk(new Uint8Array(bytes))
      }
      consumers.delete(frame.id)
      if (frame.kind === FRAME_KIND.streamEnd) return consumer.end()
      consumer.fail(
        parseWireError(parseBody(frame.body, wire.limits.maxDepth), wire.peerCodes, 'STREAM_ABORTED'),
      )
    },
    control(frame) {
      const producer = producers.get(frame.id)
      if (producer === undefined) {
        // Credit and cancel may cross the end of the stream on the wire; a stream never opened is another matter,
        // and so are more of them than a reader could have sent.
        if (!wasGiven(frame.id, nextOut) || strays === 0) throw violation('no such stream was opened', frame)
        strays--
      } else if (frame.kind === FRAME_KIND.streamCredit) {
        producer.refund(frame.aux)
      } else {
        producer.cancelled()
      }
    },
    wake() {
      for (const consumer of consumers.values()) consumer.giveBack()
      for (const producer of producers.values()) producer.wake()
    },
    close(reason) {
      for (const consumer of consumers.values()) consumer.fail(reason)
      for (const producer of producers.values()) producer.closed()
      consumers.clear()
      producers.clear()
    },
  }
}
