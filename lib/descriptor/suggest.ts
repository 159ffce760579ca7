/** The known word someone probably meant. Pure. */

/** Longer words are not compared: the table below grows with the product of both lengths. */
const MAX_LENGTH = 64

/** The nearest of `known` within a third of the word's length; the first of equals. */
export function suggest(word: string, known: readonly string[]): string | undefined {
  if (word.length > MAX_LENGTH) return undefined
  let best: { readonly known: string; readonly steps: number } | undefined
  for (const candidate of known) {
    const steps = distance(word.toLowerCase(), candidate.toLowerCase())
    const near = steps <= Math.max(1, Math.floor(candidate.length / 3))
    if (near && (best === undefined || steps < best.steps)) best = { known: candidate, steps }
  }
  return best?.known
}

/** Levenshtein distance: letters to add, drop or change. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
