/**
 * What a pattern says letter by letter, before its first wildcard and behind its last:
 * the index in rule-index.ts files it under one of these. They only select; whether a
 * pattern matches is for its matcher to say, so a literal may be too short, never too long.
 */

/** Texts that whatever matches is sure to have; `''` when the pattern leaves it open. */
export interface Literals {
  /** It starts with this. */
  readonly start: string
  /** Read backwards (see `backwards`), it starts with this; only where a wildcard can have something behind it. */
  readonly end?: string
  /** Its port, as `portText` writes it, starts with this; only endpoints. */
  readonly port?: string
}

/**
 * The text before the first star. `**` may stand for nothing, and then the separator
 * before it is not there either: `/a/**` matches `/a`.
 */
export function literalStart(pattern: string, separator: string): string {
  const star = pattern.indexOf('*')
  if (star === -1) return pattern
  const optional = pattern.startsWith('**', star) && pattern.startsWith(separator, star - 1)
  return pattern.slice(0, optional ? star - 1 : star)
}

/** The text behind the last star, read backwards; without the separator behind `**`, as in literalStart. */
export function literalEnd(pattern: string, separator: string): string {
  const star = pattern.lastIndexOf('*')
  const optional = pattern.startsWith('**', star - 1) && pattern.startsWith(separator, star + 1)
  return backwards(pattern.slice(optional ? star + 2 : star + 1))
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
