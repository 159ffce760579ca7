/**
 * A set of texts that answers which of them another text starts with: one binary
 * search, then nothing but answers, the longest first. A sorted list is enough,
 * because every text that `text` starts with is also a start of the one sorted
 * right before `text`.
 */
import { sharedLength } from './literal.js'

/** Keys are known by their place; the places that a text leads to are `longest` and all along `shorter`. */
export interface PrefixTable<Value> {
  readonly values: readonly Value[]
  /** For each key the place of the longest other key that it starts with; -1 for none. */
  readonly shorter: readonly number[]
  /** The place of the longest key that the text starts with; -1 for none. */
  longest(text: string): number
}

export function makePrefixTable<Value>(entries: ReadonlyMap<string, Value>): PrefixTable<Value> {
  const sorted = [...entries].toSorted(([a], [b]) => (a < b ? -1 : 1)) // by UTF-16 units, as `<` below
  const keys = sorted.map(([key]) => key)
  const shorter: number[] = []
  for (const [place, key] of keys.entries()) {
    let above = place - 1
    while (above !== -1 && !key.startsWith(keys[above] ?? '')) above = shorter[above] ?? -1
    shorter.push(above)
  }
  const runs = runsOf(keys)
  return {
    values: sorted.map(([, value]) => value),
    shorter,
    longest: (text) => {
      // Most texts begin like no key at all; only an empty key is the start of those.
      const run = runs.get(text.charCodeAt(0))
      if (run === undefined) return keys[0] === '' ? 0 : -1
      const before = lastUpTo(keys, text, run.from, run.to)
      let { place } = before
      while (place !== -1 && (keys[place] ?? '').length > before.shared) place = shorter[place] ?? -1
      return place
    },
  }
}

/** The same where a key leads to nothing but itself: no text starts with it and goes on. */
export function makeExactTable<Value>(entries: ReadonlyMap<string, Value>): PrefixTable<Value> {
  const places = new Map([...entries.keys()].map((key, place) => [key, place]))
  return {
    values: [...entries.values()],
    shorter: Array.from(entries, () => -1),
    longest: (text) => places.get(text) ?? -1,
  }
}

interface Run {
  readonly from: number
  to: number
}

/** Where the keys with one first character stand, by its code. */
function runsOf(keys: readonly string[]): ReadonlyMap<number, Run> {
  const runs = new Map<number, Run>()
  for (const [place, key] of keys.entries()) {
    if (key === '') continue
    const run = runs.get(key.charCodeAt(0))
    if (run === undefined) runs.set(key.charCodeAt(0), { from: place, to: place + 1 })
    else run.to = place + 1
  }
  return runs
}

/**
 * The last key that is not behind `text`, and how many characters both start with; keys before `first` are
 * not behind it and those from `end` on are. What both neighbours are known to share is not compared again.
 */
function lastUpTo(
  keys: readonly string[],
  text: string,
  first: number,
  end: number,
): { readonly place: number; readonly shared: number } {
  let from = first
  let to = end
  let below = 0
  let above = 0
  while (from < to) {
    const middle = (from + to) >>> 1
    const key = keys[middle] ?? ''
    const shared = sharedLength(key, text, Math.min(below, above))
    const isBehind =
      shared < key.length && (shared === text.length || key.charCodeAt(shared) > text.charCodeAt(shared))
    if (isBehind) {
      to = middle
      above = shared
    } else {
      from = middle + 1
      below = shared
    }
  }
  return { place: from - 1, shared: from === first ? sharedLength(keys[from - 1] ?? '', text) : below }
}
