/** What bundling one plugin may cost. Past any of them it fails, the host does not wait longer. */
export interface BundleLimits {
  /** Bytes of all files read, package.json files included. */
  readonly bytes: number
  readonly files: number
  /** Wall time of the bundler's process, milliseconds. */
  readonly timeMs: number
}

export const DEFAULT_BUNDLE_LIMITS: BundleLimits = { bytes: 16 * 1_048_576, files: 5000, timeMs: 20_000 }
