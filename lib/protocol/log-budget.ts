/**
 * How much one plugin may say a second, in bytes of text and in lines; the rest is
 * counted and dropped. The plugin's thread keeps to it before anything is sent, and the
 * host keeps one of twice the burst behind it. Pure data.
 */
import { drain, openBucket, tokensAt, type Bucket } from './rate.js'

export interface LogBudget {
  readonly bytes: Bucket
  readonly lines: Bucket
  /** Lines dropped since the last kept one. */
  readonly dropped: number
}

/** @param burst - seconds' worth that may come at once */
export function openLogBudget(
  { bytesPerSecond, linesPerSecond }: { readonly bytesPerSecond: number; readonly linesPerSecond: number },
  burst: number,
  nowMs: number,
): LogBudget {
  const bucket = (perSecond: number): Bucket =>
    openBucket({ perSecond, capacity: perSecond * burst, mostDebt: 0 }, nowMs)
  return { bytes: bucket(bytesPerSecond), lines: bucket(linesPerSecond), dropped: 0 }
}

/** @returns the next budget, and whether this line is kept; one larger than the whole budget never is */
export function takeLog(
  { bytes, lines, dropped }: LogBudget,
  size: number,
  nowMs: number,
): { readonly next: LogBudget; readonly kept: boolean } {
  if (tokensAt(bytes, nowMs) < size || tokensAt(lines, nowMs) < 1)
    return { next: { bytes, lines, dropped: dropped + 1 }, kept: false }
  return {
    next: { bytes: drain(bytes, size, nowMs), lines: drain(lines, 1, nowMs), dropped: 0 },
    kept: true,
  }
}
