/**
 * Makes the text of a bundle acceptable to SES, whose checks for HTML-like comments,
 * `import(` and direct eval look at plain text and so refuses harmless string literals too.
 *
 * Each suspicious sequence is spelled with a `\x` escape. In a string, template or
 * regular expression that is the same text; in a comment it means nothing; as code
 * it is a syntax error. So nothing is hidden from SES's check, which still runs
 * last: what was refused stays refused, and only literals get through. (The options
 * of SES for the same purpose change what a literal says.)
 */

// As SES words it: `import` before a parenthesis or a comment, not after a dot; and before a dot, because
// `import.source(…)` (Node 24 on) reaches Node's own loader as `import(…)` does.
const IMPORT = /(^|[^.\\]|\.\.\.)\bimport(?=\s*(?:[(.]|\/[/*]))/g
/** Direct eval: its scope is the wrapper's, and V8 up to Node 24 dies of a syntax error in one inside an arrow function. */
const EVAL = /(^|[^.\\\w$])eval(?=\s*(?:\(|\/[/*]))/g
/** The same where a letter is spelled as an escape, which an identifier may be: `ev\u0061l(…)` is a direct eval too. */
const SPELLED_EVAL = new RegExp(
  `(?<![.\\w$])${['e', 'v', 'a', 'l'].map(anySpelling).join('')}(?=\\s*(?:\\(|/[/*]))`,
)

function anySpelling(letter: string): string {
  const code = letter.charCodeAt(0).toString(16)
  return `(?:${letter}|\\\\u(?:00${code}|\\{0*${code}\\}))`
}

/**
 * Refuses what SES's check does not know; a compartment runs it on every text, those of
 * `Function` and indirect `eval` too.
 * @throws SyntaxError for `import.…` and for a direct eval
 */
export function refuseLoaders(source: string): string {
  for (const [pattern, name] of [
    [IMPORT, 'import'],
    [SPELLED_EVAL, 'a direct eval'],
  ] as const) {
    if (source.search(pattern) >= 0) throw new SyntaxError(`${name} is not available to plugins`)
  }
  return source
}

/** The text with `<!--`, `-->`, `import(`, `import.` and `eval(` spelled so that they can only be part of a literal. */
export function evaluable(source: string): string {
  return source
    .replaceAll('<!--', String.raw`<\x21--`)
    .replaceAll('-->', String.raw`--\x3e`)
    .replace(IMPORT, (_, before: string) => String.raw`${before}\x69mport`)
    .replace(EVAL, (_, before: string) => String.raw`${before}\x65val`)
}
