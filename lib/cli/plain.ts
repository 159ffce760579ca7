/**
 * Text from outside (a plugin's log, name, error) made safe for a terminal: control
 * characters would move the cursor, change colours or retitle the window, and
 * direction marks would show a text in another order than it has.
 */

/** C0 but tab and line feed, DEL, C1, and the characters that change a line's direction. */
// oxlint-disable-next-line no-control-regex -- these are the characters that must not get through
const UNSAFE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

/** Unsafe characters as `\xNN` or `\uNNNN`; line feeds stay. */
export function plain(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(UNSAFE, (character) => {
    const code = character.charCodeAt(0).toString(16)
    return code.length > 2 ? `\\u${code.padStart(4, '0')}` : `\\x${code.padStart(2, '0')}`
  })
}

/** `plain` on one line. */
export function plainLine(text: string): string {
  return plain(text).replaceAll('\n', ' ').replaceAll('\t', ' ')
}

/** A JSON document as text, indented; unsafe characters as escapes, which any reader of JSON turns back. */
export function plainJson(value: unknown): string {
  return JSON.stringify(value, null, 2).replace(
    UNSAFE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
