/** A straight line through samples, and whether it rises. Pure. */
export interface Point {
  readonly x: number
  readonly y: number
}

export interface Line {
  readonly slope: number
  /** Standard error of the slope, allowing for neighbours that resemble each other; `Infinity` when there are too few points to tell. */
  readonly slopeError: number
  /** At x = 0. */
  readonly intercept: number
}

/**
 * Least squares. Samples of one process a moment apart resemble each other, so they say
 * less than as many independent ones: the error is widened by the correlation of
 * neighbouring residuals (the usual correction for a first-order autoregression).
 * @param points - by x, in equal steps or nearly so
 */
export function fitLine(points: readonly Point[]): Line {
  const count = points.length
  const meanX = mean(points.map(({ x }) => x))
  const meanY = mean(points.map(({ y }) => y))
  const spread = points.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0)
  if (spread === 0) return { slope: 0, slopeError: Infinity, intercept: meanY }
  const slope = points.reduce((sum, { x, y }) => sum + (x - meanX) * (y - meanY), 0) / spread
  const intercept = meanY - slope * meanX
  if (count <= 2) return { slope, slopeError: Infinity, intercept }
  const residuals = points.map(({ x, y }) => y - intercept - slope * x)
  const left = residuals.reduce((sum, residual) => sum + residual ** 2, 0)
  const widened = (1 + likeness(residuals, left)) / (1 - likeness(residuals, left))
  return { slope, slopeError: Math.sqrt((left / (count - 2) / spread) * widened), intercept }
}

/** Correlation of each with the next; one below 0 narrows nothing. */
function likeness(residuals: readonly number[], sumOfSquares: number): number {
  if (sumOfSquares === 0) return 0
  const products = residuals.slice(1).reduce((sum, residual, at) => sum + residual * (residuals[at] ?? 0), 0)
  return Math.min(0.99, Math.max(0, products / sumOfSquares))
}

/** Flat: its slope is within two standard errors of none, or too small to matter. */
export function isFlat({ slope, slopeError }: Line, smallSlope: number): boolean {
  if (slopeError === Infinity) return false // two points prove nothing
  return Math.abs(slope) <= Math.max(smallSlope, 2 * slopeError)
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length
}
