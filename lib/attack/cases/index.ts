/** Every attack there is, chapter by chapter. */
import type { AttackCase } from '../attack-case.js'
import { CPU } from './cpu.js'
import { EXHAUSTION } from './exhaustion.js'
import { FLOODS } from './floods.js'
import { CLUSTER_STATE, LIFECYCLE } from './lifecycle.js'
import { ALLOCATION_LOOPS } from './loops.js'
import { MEMORY } from './memory.js'
import { REPLIES } from './replies.js'
import { LATE_FAILURES, THROWS } from './throws.js'

export const ATTACKS: readonly AttackCase[] = [
  ...MEMORY,
  ...ALLOCATION_LOOPS,
  ...CPU,
  ...REPLIES,
  ...THROWS,
  ...LATE_FAILURES,
  ...FLOODS,
  ...EXHAUSTION,
  ...LIFECYCLE,
  ...CLUSTER_STATE,
]
