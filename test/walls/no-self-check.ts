/** Stands in for workers/self-check.ts in open-thread.ts: a plugin thread that starts though no wall holds. */
import { takeWallPowers, type WallReport } from '../../workers/self-check.js'

export { takeWallPowers }

export function checkWalls(): readonly WallReport[] {
  return []
}
