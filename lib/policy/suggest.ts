/** What somebody may have meant by a name that is not known. */

/** Longer words are not compared: the work grows with the product of both lengths. */
const MOST = 64

/** "did you mean": the nearest known name, or all of them. */
export function suggest(word: string, known: readonly string[]): string {
  const near = nearest(word, known)
  return near === undefined ? `remove it; known here: ${known.join(', ')}` : `did you mean '${near}'?`
}

/** The nearest of `known` within two letters or a third of its length; the first of equals. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  if (word.length > MOST) return undefined
  return known
    .map((name) => ({ name, steps: distance(word.toLowerCase(), name.toLowerCase()) }))
    .filter(({ name, steps }) => steps < name.length && steps <= Math.max(2, name.length / 3))
    .toSorted((a, b) => a.steps - b.steps)[0]?.name
}

/** Levenshtein's: letters to add, drop or change. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i += 1) {
    const above = row
    row = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const change = (above[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      row.push(Math.min(change, (above[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1))
    }
  }
  return row[b.length] ?? 0
}
