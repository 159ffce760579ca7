/**
 * Makes esbuild's output fit for a compartment and for strangers' eyes. Pure.
 *
 * A compartment refuses any text that looks like `import(` or an
 * HTML-like comment, in strings too. After bundling none of them is an import
 * expression any more, so one letter becomes a Unicode escape, which means the same
 * in a string, template, regular expression and name; a real `import(` that had
 * slipped through would become a syntax error, so the change fails closed.
 */
import { ESM_MARK, NAMESPACE } from './import-rules.js'

export function disarmed(code: string): string {
  return code
    .replace(/\bimport(?=\s*(?:\(|\/[/*]))/g, 'impor\\u0074')
    .replace(/<!--/g, '<!-\\u002d')
    .replace(/-->/g, '--\\u003e')
}

/** A name as esbuild prints it, as the plugin's author knows it. */
export function authorsName(name: string): string {
  const bare = name.startsWith(`${NAMESPACE}:`) ? name.slice(NAMESPACE.length + 1) : name
  return bare.endsWith(ESM_MARK) ? bare.slice(0, -ESM_MARK.length) : bare
}

/** The map with the author's file names and without any source text. */
export function cleanMap(map: string): string {
  const parsed = JSON.parse(map) as {
    readonly sources: readonly (string | null)[]
    readonly names: readonly string[]
    readonly mappings: string
  }
  const sources = parsed.sources.map((source) => (source === null ? null : authorsName(source)))
  return JSON.stringify({ version: 3, sources, names: parsed.names, mappings: parsed.mappings })
}
