/**
 * A set of texts that answers which of them another text starts with: one binary
 * search, then nothing but answers, the longest first. A sorted list is enough,
 * because every text that `text` starts with is also a start of the one sorted
 * right before `text`.
 */

/** Keys are known by their place; the places that a text leads to are `longest` and all along `shorter`. */
export interface PrefixTable<Value> {
  readonly values: readonly Value[]
  /** For each key the place of the longest other key that it starts with; -1 for none. */
  readonly shorter: readonly number[]
  /** The place of the longest key that the text starts with; -1 for none. */
  longest(text: string): number
}

export function makePrefixTable<Value>(entries: ReadonlyMap<string, Value>): PrefixTable<Value> {
  const sorted = [...entries].toSorted(([a], [b]) => (a < b ? -1 : 1)) // by UTF-16 units, as lastUpTo compares
  const keys = sorted.map(([key]) => key)
  const shorter: number[] = []
  for (const [place, key] of keys.entries()) {
    let above = place - 1
    while (above !== -1 && !key.startsWith(keys[above] ?? '')) above = shorter[above] ?? -1
    shorter.push(above)
  }
  const packed = pack(keys)
  const runs = runsOf(keys)
  return {
    values: sorted.map(([, value]) => value),
    shorter,
    longest: (text) => {
      // Most texts begin like no key at all; only an empty key is the start of those.
      const run = runs.get(text.charCodeAt(0))
      if (run === undefined) return keys[0] === '' ? 0 : -1
      const before = lastUpTo(packed, text, run)
      let { place } = before
      while (place !== -1 && lengthAt(packed, place) > before.shared) place = shorter[place] ?? -1
      return place
    },
  }
}

/** All keys behind each other: searching thousands of strings, each somewhere in memory, takes twice the time. */
interface Packed {
  readonly units: Uint16Array
  /** Where each key begins, and where the last ends. */
  readonly starts: Uint32Array
}

function pack(keys: readonly string[]): Packed {
  const units = new Uint16Array(keys.reduce((sum, key) => sum + key.length, 0))
  const starts = new Uint32Array(keys.length + 1)
  let at = 0
  for (const [place, key] of keys.entries()) {
    for (let index = 0; index < key.length; index += 1) units[at + index] = key.charCodeAt(index)
    at += key.length
    starts[place + 1] = at
  }
  return { units, starts }
}

function lengthAt({ starts }: Packed, place: number): number {
  return (starts[place + 1] ?? 0) - (starts[place] ?? 0)
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
 * The last key of the run that is not behind `text`, else the one before the run, and how many
 * characters both start with. What both neighbours are known to share is not compared again.
 */
function lastUpTo(
  { units, starts }: Packed,
  text: string,
  run: Run,
): { readonly place: number; readonly shared: number } {
  let { from, to } = run
  let below = 0
  let above = 0
  while (from < to) {
    const middle = (from + to) >>> 1
    const start = starts[middle] ?? 0
    const length = (starts[middle + 1] ?? 0) - start
    const end = Math.min(length, text.length)
    let shared = Math.min(below, above)
    while (shared < end && units[start + shared] === text.charCodeAt(shared)) shared += 1
    const isBehind =
      shared < length && (shared === text.length || (units[start + shared] ?? 0) > text.charCodeAt(shared))
    if (isBehind) {
      to = middle
      above = shared
    } else {
      from = middle + 1
      below = shared
    }
  }
  // A key before the run has another first character, so it shares nothing.
  return { place: from - 1, shared: from === run.from ? 0 : below }
}
