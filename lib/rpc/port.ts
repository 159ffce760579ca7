/**
 * A port carries bytes between two sides, in order. The channel knows nothing else
 * about its transport, so a MessagePort and a socket behave alike (one conformance
 * suite tests both), and tests drive a channel with a scripted one.
 */
import { PluginError } from '../errors.js'
import type { MessagePortLike, SocketLike } from '../powers.js'

export interface PortReceiver {
  /** Bytes as they came, cut anywhere. */
  bytes(chunk: Uint8Array): void
  /** The other side is gone, or it sent what no port sends (`violation`). Called once. */
  closed(violation?: PluginError): void
}

export interface Port {
  /** Sends chunks in order; the port owns them from here on. */
  send(chunks: readonly Uint8Array[]): void
  /** Starts delivery; called once. */
  listen(receiver: PortReceiver): void
  close(): void
  /** Bytes sent that the other side has not taken yet, where the transport can tell. */
  readonly buffered: number
  /**
   * Reads no more, so that the other side's sender has to wait. Left out where that is
   * not possible: what comes on a MessagePort that nobody reads grows in this process.
   */
  pause?(): void
  resume?(): void
}

/** From this size on moving the buffer beats copying it. */
const TRANSFER_BYTES = 8192

export function messagePortPort(port: MessagePortLike): Port {
  let closed = false
  return {
    send(chunks) {
      if (closed) return
      for (const chunk of chunks) {
        // A view would take the whole buffer behind it along.
        const own = chunk.byteLength === chunk.buffer.byteLength ? chunk : new Uint8Array(chunk)
        if (own.length < TRANSFER_BYTES) port.postMessage(own)
        else port.postMessage(own, [own.buffer as ArrayBuffer])
      }
    },
    listen(receiver) {
      const end = (violation?: PluginError): void => {
        if (closed) return
        closed = true
        port.close()
        receiver.closed(violation)
      }
      port.on('message', (value) => {
        if (closed) return
        if (!isWholeBuffer(value)) {
          end(new PluginError('PROTOCOL_VIOLATION', { rule: 'a port carries bytes' }))
          return
        }
        receiver.bytes(value)
      })
      port.on('messageerror', () =>
        end(new PluginError('PROTOCOL_VIOLATION', { rule: 'a port carries bytes' })),
      )
      port.on('close', () => end())
    },
    close() {
      if (closed) return
      closed = true
      port.close()
    },
    buffered: 0,
  }
}

/**
 * A shared buffer could change between the scan and the parse; a view smaller than its
 * buffer would bring more bytes into this process than anyone counts.
 */
function isWholeBuffer(value: unknown): value is Uint8Array {
  return (
    value instanceof Uint8Array &&
    value.buffer instanceof ArrayBuffer &&
    value.byteLength === value.buffer.byteLength
  )
}

export function socketPort(socket: SocketLike): Port {
  let closed = false
  return {
    send(chunks) {
      if (closed) return
      if (chunks.length === 1) {
        socket.write(chunks[0] as Uint8Array)
        return
      }
      socket.cork()
      for (const chunk of chunks) socket.write(chunk)
      socket.uncork()
    },
    listen(receiver) {
      const end = (): void => {
        if (closed) return
        closed = true
        socket.destroy()
        receiver.closed()
      }
      socket.on('data', (chunk) => {
        if (!closed) receiver.bytes(chunk)
      })
      socket.on('end', end)
      socket.on('error', end)
      socket.on('close', end)
    },
    close() {
      if (closed) return
      closed = true
      socket.destroy()
    },
    get buffered() {
      return socket.writableLength
    },
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
  }
}
