/**
 * Java's `equalsIgnoreCase` as a key: two texts are equal for it exactly when
 * their keys are. Upper case first, then lower, one code point at a time. Letters that
 * came after Unicode 13, which JDK 17 has, fold here where Node knows them.
 */
export function foldCase(text: string): string {
  if (!/[^\0-\x7f]/.test(text)) return text.toLowerCase()
  let folded = ''
  for (const letter of text) folded += lower(upper(letter))
  return folded
}

/** Java maps one letter to one letter, so ß, which JavaScript makes SS, stays as it is. */
function upper(letter: string): string {
  const mapped = letter.toUpperCase()
  return mapped.length === letter.length ? mapped : letter
}

/** Only İ (U+0130) becomes two, and its first is Java's answer. */
function lower(letter: string): string {
  const mapped = letter.toLowerCase()
  return mapped.slice(0, letter.length)
}
