/**
 * The one matcher of the policy language: `*` stands for one part or, inside a
 * part, for any characters of it; `**` stands for any number of parts, none
 * included. Nothing else is special, nothing is a regular expression.
 *
 * Between two wildcards the leftmost place that fits leaves the most room for the
 * rest, so nothing is ever tried twice: the work is at most pattern length times
 * input length, whatever the pattern (a hostile one must not stall a host).
 * What a part is (path segment, DNS label, key part) is the caller's business.
 */

/** Text pieces between the stars of one part: `a*b` is ['a', 'b'], no star is one piece. */
type Part = readonly string[]
/** Parts between two `**`; the first block is anchored at the start, the last at the end. */
export type Glob = { readonly blocks: readonly (readonly Part[])[] }
/** Counts the characters looked at, an upper bound; for tests of the bound. */
export type Steps = { count: number }

/** @param parts - well-formed parts: `**` only as a part of its own (checkPattern refuses the rest) */
export function compileGlob(parts: readonly string[]): Glob {
  const blocks: Part[][] = [[]]
  for (const part of parts) {
    if (part === '**') blocks.push([])
    else blocks[blocks.length - 1]?.push(part.split('*'))
  }
  return { blocks }
}

/** Whether the whole input matches the whole pattern. */
export function matchGlob(glob: Glob, parts: readonly string[], steps?: Steps): boolean {
  const first = glob.blocks[0] ?? []
  if (glob.blocks.length === 1) {
    return first.length === parts.length && matchBlock(first, parts, 0, steps)
  }
  const last = glob.blocks[glob.blocks.length - 1] ?? []
  const end = parts.length - last.length
  if (first.length > end) return false
  if (!matchBlock(first, parts, 0, steps) || !matchBlock(last, parts, end, steps)) return false
  let from = first.length
  for (const block of glob.blocks.slice(1, -1)) {
    while (from + block.length <= end && !matchBlock(block, parts, from, steps)) from += 1
    if (from + block.length > end) return false
    from += block.length
  }
  return true
}

/**
 * Whether `parts`, followed by any number of further parts, could match: false means
 * nothing below this place matches. The glob must end with `**`.
 */
export function mayMatchBelow(glob: Glob, parts: readonly string[]): boolean {
  const first = glob.blocks[0] ?? []
  const shared = Math.min(first.length, parts.length)
  for (let index = 0; index < shared; index += 1) {
    if (!matchPart(first[index] ?? [], parts[index] ?? '')) return false
  }
  return true
}

function matchBlock(block: readonly Part[], parts: readonly string[], at: number, steps?: Steps): boolean {
  for (let index = 0; index < block.length; index += 1) {
    if (!matchPart(block[index] ?? [], parts[at + index] ?? '', steps)) return false
  }
  return true
}

function matchPart(pieces: Part, text: string, steps?: Steps): boolean {
  const first = pieces[0] ?? ''
  if (steps !== undefined) steps.count += first.length + 1
  if (pieces.length === 1) return text === first
  const last = pieces[pieces.length - 1] ?? ''
  const end = text.length - last.length
  if (text === '' || first.length > end) return false
  if (steps !== undefined) steps.count += last.length
  if (!text.startsWith(first) || !text.endsWith(last)) return false
  let from = first.length
  for (let index = 1; index < pieces.length - 1; index += 1) {
    const piece = pieces[index] ?? ''
    const found = text.indexOf(piece, from)
    const next = found === -1 ? text.length : found + piece.length
    if (steps !== undefined) steps.count += piece.length * (next - from) // what a plain search costs at worst
    if (found === -1 || next > end) return false
    from = next
  }
  return true
}
