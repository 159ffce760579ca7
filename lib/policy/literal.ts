/**
 * What a pattern says letter by letter: before its first wildcard, behind its last, at
 * the start of a part between. The index in rule-index.ts files it under one of these.
 * They only select; whether a pattern matches is for its matcher to say, so a literal
 * may be too short, never too long.
 */

/**
 * What a literal is the start of: the whole target, a separator behind it (so that `/a/**` and `/a` are told
 * from `/ab`); the target read `backwards`; one of its parts, whichever; its port as `portText` writes it.
 */
export type Facet = 'start' | 'end' | 'part' | 'port'

/** When the pattern matches a target, one of the target's texts of this facet starts with this text. */
export interface Literal {
  readonly facet: Facet
  /** Not empty. */
  readonly text: string
}

/**
 * All literals of a pattern; none when it is wildcards only.
 * @param parts - those of the pattern that stand for whole parts of a target
 */
export function literalsOf(pattern: string, separator: string, parts: readonly string[]): readonly Literal[] {
  if (!pattern.includes('*')) return literal('start', pattern + separator)
  return [
    ...literal('start', pattern.slice(0, pattern.indexOf('*'))),
    ...literal('end', backwards(literalEnd(pattern, separator))),
    ...parts.flatMap((part) => literal('part', part.split('*', 1)[0] ?? '')),
  ]
}

/** A list of one, or of none when the text says nothing. */
export function literal(facet: Facet, text: string): readonly Literal[] {
  return text === '' ? [] : [{ facet, text }]
}

/**
 * The text behind the last star. `**` may stand for nothing, and then the separator behind it
 * is not there either: `**.a` matches `a`.
 */
function literalEnd(pattern: string, separator: string): string {
  const star = pattern.lastIndexOf('*')
  const optional = pattern.startsWith('**', star - 1) && pattern.startsWith(separator, star + 1)
  return pattern.slice(optional ? star + 2 : star + 1)
}

/** The last characters from the last on; 64 of them, as more would not tell more patterns apart. */
export function backwards(text: string): string {
  let read = ''
  for (let at = text.length - 1; at >= Math.max(0, text.length - 64); at -= 1) read += text.charAt(at)
  return read
}

/** Five digits, so that near ports start alike: 9000 and 9010 both with `090`. */
export function portText(port: number): string {
  return String(port).padStart(5, '0')
}

/** What all ports of a range start with. */
export function portStart(from: number, to: number): string {
  const last = portText(to)
  return last.slice(0, sharedLength(portText(from), last))
}

/** How many characters both texts start with. */
export function sharedLength(a: string, b: string): number {
  const end = Math.min(a.length, b.length)
  let length = 0
  while (length < end && a.charCodeAt(length) === b.charCodeAt(length)) length += 1
  return length
}
