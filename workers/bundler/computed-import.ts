/**
 * Finds imports whose path is put together while the code runs: `require('./x/' + name)`.
 * esbuild would list directories for them, with its own file access, so they must
 * be known before it sees the code. Pure: the quick look is for every file and may
 * suspect too much; the second one is for code that esbuild has printed, without comments.
 */
const CALL = /\b(?:require|import)\s*([(/])/g
const ESCAPED_LETTER = /\\u\{?0*[67][0-9a-fA-F]/
const SETTLED =
  /\s*(?:(?:'[^'\\\n]{0,2000}'|"[^"\\\n]{0,2000}"|`[^`\\$]{0,2000}`)\s*[,)]|[\w$.]{1,200}\s*\))/y
const BUILT = /["']\.\.?\/[^"'\n]{0,2000}["']\s*\+|`\.\.?\/[^`]{0,2000}\$\{/
/** Characters of an argument looked at; a longer expression has its path at its start. */
const ARGUMENT = 4000

/** Offset of the first call that needs a closer look; `undefined` when there is none. */
export function suspectAt(source: string): number | undefined {
  for (const call of source.matchAll(CALL)) {
    if (call[1] === '/' || !isSettled(source, call.index + call[0].length)) return call.index
  }
  const escaped = source.search(ESCAPED_LETTER)
  return escaped === -1 ? undefined : escaped
}

/** Offsets of every `require(` or `import(` in printed code whose argument is a path put together. */
export function computedAt(printed: string): readonly number[] {
  const found: number[] = []
  for (const call of printed.matchAll(CALL)) {
    const from = call.index + call[0].length
    if (!isSettled(printed, from) && BUILT.test(printed.slice(from, from + ARGUMENT))) found.push(call.index)
  }
  return found
}

/** The same code with each of these `require(x)` as `(0, require)(x)`: no import for esbuild, the same call at run time. */
export function asPlainCalls(printed: string, offsets: readonly number[]): string {
  let from = 0
  const parts: string[] = []
  for (const offset of offsets) {
    if (!printed.startsWith('require', offset)) continue
    parts.push(printed.slice(from, offset), '(0, require)')
    from = offset + 'require'.length
  }
  return parts.join('') + printed.slice(from)
}

function isSettled(source: string, from: number): boolean {
  SETTLED.lastIndex = from
  return SETTLED.test(source)
}
