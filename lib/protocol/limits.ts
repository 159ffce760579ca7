/**
 * What one side of a channel accepts. A purely local, receiver-side decision: the
 * hello frame tells the peer the windows so that it can wait instead of failing,
 * and a peer that goes past them broke the protocol.
 */
export interface WireLimits {
  /** Bytes of one frame, header and sections included. */
  readonly maxFrameBytes: number
  /** Levels of arrays and objects in a JSON body. */
  readonly maxDepth: number
  /** Calls of the peer under way here at once. */
  readonly callWindow: number
  /** Notices of the peer not yet handled here. */
  readonly noticeWindow: number
  /** Streams of the peer open here at once. */
  readonly maxStreams: number
  /** Chunks of one stream sent ahead of the reader. */
  readonly streamWindow: number
}

/** Least that `maxFrameBytes` may be, so that control and error frames always fit. */
export const MIN_FRAME_BYTES = 4096
/** Largest chunk of a stream in bytes; producers cut at this size, or at what the peer's frames hold. */
export const CHUNK_BYTES = 65_536
/** Sections of one frame. */
export const MAX_SECTIONS = 16
/** Bytes of a method name; ASCII. */
export const MAX_METHOD_BYTES = 64

export const DEFAULT_WIRE_LIMITS: WireLimits = {
  maxFrameBytes: 1_048_576 + 4096,
  maxDepth: 64,
  callWindow: 64,
  noticeWindow: 128,
  maxStreams: 64,
  streamWindow: 16,
}

/** The part of the limits that the hello frame carries. */
export interface Windows {
  readonly callWindow: number
  readonly noticeWindow: number
  readonly maxStreams: number
  readonly streamWindow: number
  readonly maxFrameBytes: number
  readonly maxDepth: number
}

/** What one peer may cost this side a second. */
export interface IntakeRates {
  readonly bytesPerSecond: number
  /** Milliseconds of the receiving thread. */
  readonly nodeTime: number
}

/** How fast one side of a channel goes; what is left out has no bound. */
export interface Rates {
  /** Calls that this side begins a second. */
  readonly callsPerSecond?: number
  /** Notices that this side takes a second. */
  readonly noticesPerSecond?: number
  /** Bytes that this side sends a second. */
  readonly bytesPerSecond?: number
  /** What this side takes of the peer. */
  readonly intake?: IntakeRates
}

/** Milliseconds a second of the node's own thread that one plugin's messages may take; 0.2 ms more for each answer (rpc/intake.ts). */
export const NODE_TIME = 100
