/** A port whose other side is a script: raw bytes in, raw bytes out, and frames built by hand, right or wrong. */
import { FRAME_KIND, PROTOCOL_VERSION, type FrameKindName } from '../../lib/protocol/frame-kind.js'
import { DEFAULT_WIRE_LIMITS } from '../../lib/protocol/limits.js'
import type { Port, PortReceiver } from '../../lib/rpc/port.js'
import { GENERATION } from './pair.js'

export interface ScriptedPort extends Port {
  /** Everything the channel sent. */
  readonly sent: Uint8Array[]
  readonly isClosed: boolean
  /** Bytes "not taken yet" as the channel sees them. */
  buffered: number
  deliver(...chunks: Uint8Array[]): void
  end(): void
}

export function makeScriptedPort(): ScriptedPort {
  const sent: Uint8Array[] = []
  let receiver: PortReceiver | undefined
  let isClosed = false
  return {
    sent,
    buffered: 0,
    get isClosed() {
      return isClosed
    },
    send: (chunks) => void sent.push(...chunks),
    listen: (given) => void (receiver = given),
    close: () => void (isClosed = true),
    deliver(...chunks) {
      for (const chunk of chunks) receiver?.bytes(chunk)
    },
    end: () => receiver?.closed(),
  }
}

/** A frame by its fields; each can be wrong on its own. */
export interface RawFrame {
  readonly kind?: FrameKindName | number
  readonly id?: number
  readonly aux?: number
  readonly method?: string
  readonly body?: string | Uint8Array
  readonly sections?: readonly Uint8Array[]
  readonly version?: number
  readonly generation?: number
  /** Instead of the true ones. */
  readonly length?: number
  readonly bodyBytes?: number
  readonly methodBytes?: number
  readonly sectionCount?: number
  readonly sectionBytes?: readonly number[]
}

/** The layout of docs/protocol.md once more, written apart from lib/rpc/frame.ts. */
export function rawFrame(raw: RawFrame): Buffer {
  const { kind = 'ping', sections = [] } = raw
  const method = Buffer.from(raw.method ?? '', 'latin1')
  const body = Buffer.from(raw.body ?? '')
  const lengths = raw.sectionBytes ?? sections.map(({ length }) => length)
  const header = Buffer.alloc(24 + 4 * lengths.length)
  header[4] = raw.version ?? PROTOCOL_VERSION
  header[5] = typeof kind === 'number' ? kind : FRAME_KIND[kind]
  header[6] = raw.sectionCount ?? sections.length
  header[7] = raw.methodBytes ?? method.length
  header.writeUInt32LE(raw.generation ?? GENERATION, 8)
  header.writeUInt32LE(raw.id ?? 0, 12)
  header.writeUInt32LE(raw.aux ?? 0, 16)
  header.writeUInt32LE(raw.bodyBytes ?? body.length, 20)
  lengths.forEach((length, index) => header.writeUInt32LE(length, 24 + 4 * index))
  const whole = Buffer.concat([header, method, body, ...sections])
  whole.writeUInt32LE(raw.length ?? whole.length - 4, 0)
  return whole
}

export function rawHello(windows: Readonly<Record<string, unknown>> = {}, extra: unknown = null): Buffer {
  const { callWindow, noticeWindow, maxStreams, streamWindow, maxFrameBytes, maxDepth } = DEFAULT_WIRE_LIMITS
  const all = { callWindow, noticeWindow, maxStreams, streamWindow, maxFrameBytes, maxDepth, ...windows }
  return rawFrame({ kind: 'hello', body: JSON.stringify({ windows: all, extra }) })
}
