/**
 * A set of texts that answers which of them another text starts with: one binary
 * search, then nothing but answers, the longest first. A sorted list is enough,
 * because every text that `text` starts with is also a start of the one sorted
 * right before `text`.
 */
import { sharedLength } from './literal.js'

export interface PrefixTable<Value> {
  /** Sorted by UTF-16 units, as `<` compares. */
  readonly keys: readonly string[]
  readonly values: readonly Value[]
  /** For each key the place of the longest other key that it starts with; -1 for none. */
  readonly shorter: readonly number[]
}

export function makePrefixTable<Value>(entries: ReadonlyMap<string, Value>): PrefixTable<Value> {
  const sorted = [...entries].toSorted(([a], [b]) => (a < b ? -1 : 1))
  const keys = sorted.map(([key]) => key)
  const shorter: number[] = []
  for (const [place, key] of keys.entries()) {
    let above = place - 1
    while (above !== -1 && !key.startsWith(keys[above] ?? '')) above = shorter[above] ?? -1
    shorter.push(above)
  }
  return { keys, values: sorted.map(([, value]) => value), shorter }
}

/** The place of the longest key that `text` starts with, or -1; the others follow along `shorter`. */
export function longestKey({ keys, shorter }: PrefixTable<unknown>, text: string): number {
  let place = placeAfter(keys, text) - 1
  const shared = sharedLength(keys[place] ?? '', text)
  while (place !== -1 && (keys[place] ?? '').length > shared) place = shorter[place] ?? -1
  return place
}

/** How many keys are not behind `text`. */
function placeAfter(keys: readonly string[], text: string): number {
  let from = 0
  let to = keys.length
  while (from < to) {
    const middle = (from + to) >>> 1
    if ((keys[middle] ?? '') <= text) from = middle + 1
    else to = middle
  }
  return from
}
