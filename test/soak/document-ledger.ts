/** Counts every document the node acknowledged, and what became of each. */
export interface DocumentCounts {
  readonly acknowledged: number
  /** Read back and found whole. */
  readonly whole: number
  readonly lost: number
  readonly altered: number
  /** Sent without an acknowledgement: the client was told why. */
  readonly refused: number
  /** The first few that were lost or altered, for people. */
  readonly faults: readonly string[]
}

export interface DocumentLedger {
  acknowledged(): void
  refused(): void
  whole(): void
  lost(what: string): void
  altered(what: string): void
  counts(): DocumentCounts
}

const MOST_FAULTS = 20

export function makeDocumentLedger(): DocumentLedger {
  const counts = { acknowledged: 0, whole: 0, lost: 0, altered: 0, refused: 0 }
  const faults: string[] = []
  const fault = (text: string): void => void (faults.length < MOST_FAULTS && faults.push(text))
  return {
    acknowledged: () => void (counts.acknowledged += 1),
    refused: () => void (counts.refused += 1),
    whole: () => void (counts.whole += 1),
    lost(what) {
      counts.lost += 1
      fault(`lost: ${what}`)
    },
    altered(what) {
      counts.altered += 1
      fault(`altered: ${what}`)
    },
    counts: () => ({ ...counts, faults }),
  }
}
