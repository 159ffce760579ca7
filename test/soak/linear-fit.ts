/** A straight line through samples, and whether it rises. Pure. */
export interface Point {
  readonly x: number
  readonly y: number
}

export interface Line {
  readonly slope: number
  /** Standard error of the slope; `Infinity` when there are too few points to tell. */
  readonly slopeError: number
  /** At x = 0. */
  readonly intercept: number
}

/** Least squares. */
export function fitLine(points: readonly Point[]): Line {
  const count = points.length
  const meanX = mean(points.map(({ x }) => x))
  const meanY = mean(points.map(({ y }) => y))
  const spread = points.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0)
  if (spread === 0) return { slope: 0, slopeError: Infinity, intercept: meanY }
  const slope = points.reduce((sum, { x, y }) => sum + (x - meanX) * (y - meanY), 0) / spread
  const intercept = meanY - slope * meanX
  const rest = points.reduce((sum, { x, y }) => sum + (y - intercept - slope * x) ** 2, 0)
  const slopeError = count > 2 ? Math.sqrt(rest / (count - 2) / spread) : Infinity
  return { slope, slopeError, intercept }
}

/** Flat: its slope is within two standard errors of none, or too small to matter. */
export function isFlat({ slope, slopeError }: Line, smallSlope: number): boolean {
  if (slopeError === Infinity) return false // two points prove nothing
  return Math.abs(slope) <= Math.max(smallSlope, 2 * slopeError)
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length
}
