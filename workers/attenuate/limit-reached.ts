/** A limit that trusted code in the plugin's thread holds was reached: the one operation failed. */
import type { ThreadLimit } from '../../lib/protocol/limit-hit.js'

/** @param used - what the plugin has, in the unit of the limit */
export type LimitReached = (limit: ThreadLimit, used: number) => void
