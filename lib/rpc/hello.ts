/** Reads the first frame of a peer: what it accepts, so that this side can wait instead of failing. */
import { PluginError } from '../errors.js'
import { MIN_FRAME_BYTES, type Windows } from '../protocol/limits.js'

export interface Hello {
  readonly windows: Windows
  /** Whatever else the peer said; its reader checks it. */
  readonly extra: unknown
}

/** Highest value any peer may announce; a larger one would let it make this side hold too much. */
const MOST: Windows = {
  callWindow: 65_536,
  noticeWindow: 1024,
  maxStreams: 256,
  streamWindow: 64,
  maxFrameBytes: 0x3fff_ffff,
  maxDepth: 1024,
}

/** Lowest value: below it the frames that answer a peer (pong, credit, the code of an error) would not fit. */
const LEAST: { readonly [Key in keyof Windows]: number } = {
  callWindow: 1,
  noticeWindow: 1,
  maxStreams: 1,
  streamWindow: 1,
  maxFrameBytes: MIN_FRAME_BYTES,
  maxDepth: 8,
}

/**
 * @param most - what this peer may announce, where that is less than any may
 * @throws PluginError `PROTOCOL_VIOLATION`
 */
export function parseHello(body: unknown, most: Partial<Windows> = {}): Hello {
  const windows = isRecord(body) && isRecord(body['windows']) ? body['windows'] : {}
  const read = (key: keyof Windows): number => {
    const value = windows[key]
    if (
      !Number.isInteger(value) ||
      (value as number) < LEAST[key] ||
      (value as number) > (most[key] ?? MOST[key])
    ) {
      throw new PluginError('PROTOCOL_VIOLATION', { rule: 'hello', key })
    }
    return value as number
  }
  return {
    windows: {
      callWindow: read('callWindow'),
      noticeWindow: read('noticeWindow'),
      maxStreams: read('maxStreams'),
      streamWindow: read('streamWindow'),
      maxFrameBytes: read('maxFrameBytes'),
      maxDepth: read('maxDepth'),
    },
    extra: isRecord(body) ? body['extra'] : undefined,
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
