/**
 * A rate as a bucket of tokens: it fills with time up to its capacity, and whatever
 * happens takes tokens out. A thing larger than what is there is not cut in two: it is
 * let through while there is a token, the bucket goes into debt for it, and the next
 * one waits until the debt is paid. Pure data; the time comes in.
 */
export interface Rate {
  /** Tokens that come back a second. */
  readonly perSecond: number
  /** Most that is saved up for a burst. */
  readonly capacity: number
  /** Most that is ever owed, so that one huge thing does not close the bucket for ever. */
  readonly mostDebt: number
}

export interface Bucket extends Rate {
  /** Below 0 it is a debt. */
  readonly tokens: number
  readonly atMs: number
}

/** A bucket that is full. */
export function openBucket(rate: Rate, nowMs: number): Bucket {
  return { ...rate, tokens: rate.capacity, atMs: nowMs }
}

/**
 * Takes `amount` out, whether it is there or not.
 * @param amount - below 0 it is put in
 */
export function drain(bucket: Bucket, amount: number, nowMs: number): Bucket {
  const { perSecond, capacity, mostDebt } = bucket
  const left = Math.min(capacity, tokensAt(bucket, nowMs) - amount)
  return { perSecond, capacity, mostDebt, tokens: Math.max(-mostDebt, left), atMs: nowMs }
}

/** How many tokens there are. A clock that went back brings none and takes none. */
export function tokensAt({ tokens, capacity, perSecond, atMs }: Bucket, nowMs: number): number {
  return Math.min(capacity, tokens + (Math.max(0, nowMs - atMs) * perSecond) / 1000)
}

/** Milliseconds until there is a whole token; 0 when there is one now. */
export function waitMs(bucket: Bucket, nowMs: number): number {
  const missing = Math.min(1, bucket.capacity) - tokensAt(bucket, nowMs)
  return missing <= 0 ? 0 : (missing * 1000) / bucket.perSecond
}
