/**
 * The kinds of frame and the version of the protocol. docs/protocol.md is the
 * wire's own document; a number here never changes its meaning within a version.
 */
export const PROTOCOL_VERSION = 1

export const FRAME_KIND = {
  /** First frame of each side: windows and limits of its sender, JSON. */
  hello: 1,
  /** A call: `id` counts up by one, `aux` is the deadline in ms, `method`, JSON arguments. */
  call: 2,
  /** The answer to call `id`; gives its credit back. */
  reply: 3,
  /** The failure of call `id`, a wire error; gives its credit back. */
  error: 4,
  /** The caller of `id` gave up; the callee still answers, for the credit. */
  cancel: 5,
  /** A message without an answer: `method`, JSON. */
  notice: 6,
  /** `aux` notices were handled; as many more may come. */
  noticeCredit: 7,
  /** A stream of the sender's: `id` counts up by one, `aux` is the call it belongs to, `method` 'call' or 'reply' says whose. */
  streamOpen: 8,
  /** One section: the bytes. */
  streamChunk: 9,
  streamEnd: 10,
  /** From the stream's producer: it failed, a wire error. */
  streamError: 11,
  /** From the stream's consumer: `aux` chunks were taken; as many more may come. */
  streamCredit: 12,
  /** From the stream's consumer: no more is wanted. */
  streamCancel: 13,
  ping: 14,
  pong: 15,
} as const

export type FrameKindName = keyof typeof FRAME_KIND
export type FrameKind = (typeof FRAME_KIND)[FrameKindName]

const KNOWN: ReadonlySet<number> = new Set(Object.values(FRAME_KIND))

export function isFrameKind(value: number): value is FrameKind {
  return KNOWN.has(value)
}
