/**
 * The two ideas of white space in the JDK's permission classes. Loops instead of
 * `/\s+$/`, which takes quadratic time on a long run of spaces inside the text.
 */

/** Without what `String.trim` of Java takes off: U+0000 to U+0020. */
export function trimJava(text: string): string {
  return trim(text, (code) => code <= 0x20)
}

/** Without what may stand around one action: space, tab, line feed, form feed, carriage return. */
export function trimAction(text: string): string {
  return trim(text, (code) => code === 0x20 || (code >= 0x09 && code <= 0x0d && code !== 0x0b))
}

function trim(text: string, isSpace: (code: number) => boolean): string {
  let start = 0
  let end = text.length
  while (start < end && isSpace(text.charCodeAt(start))) start += 1
  while (end > start && isSpace(text.charCodeAt(end - 1))) end -= 1
  return text.slice(start, end)
}
