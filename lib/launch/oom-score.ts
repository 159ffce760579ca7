/** Whom the kernel ends when the machine's memory runs out: the plugin, and never the node. */
import { writeFileSync } from 'node:fs'

/** The highest there is; a node's own is 0 unless its operator chose another. */
const OOM_SCORE_ADJ = '1000'

/** Best effort: a system that forbids it has lost a preference, not a wall. Its children inherit it. */
export function preferAsVictim(pid: number): void {
  if (process.platform !== 'linux') return
  try {
    writeFileSync(`/proc/${pid}/oom_score_adj`, OOM_SCORE_ADJ)
  } catch {
    // gone, or forbidden
  }
}
