/**
 * Makes the text of a bundle acceptable to SES, whose check for HTML-like comments
 * and `import(` looks at plain text and so refuses harmless string literals too.
 *
 * Each suspicious sequence is spelled with a `\x` escape. In a string, template or
 * regular expression that is the same text; in a comment it means nothing; as code
 * it is a syntax error. So nothing is hidden from SES's check, which still runs
 * last: what was refused stays refused, and only literals get through. (The options
 * of SES for the same purpose change what a literal says.)
 */

// As SES words it: `import` before a parenthesis or a comment, not after a dot.
const IMPORT = /(^|[^.\\]|\.\.\.)\bimport(?=\s*(?:\(|\/[/*]))/g

/** The text with `<!--`, `-->` and `import(` spelled so that they can only be part of a literal. */
export function evaluable(source: string): string {
  return source
    .replaceAll('<!--', String.raw`<\x21--`)
    .replaceAll('-->', String.raw`--\x3e`)
    .replace(IMPORT, (_, before: string) => String.raw`${before}\x69mport`)
}
