/**
 * What an import in a plugin stands for: a file inside the plugin's directory, a
 * built-in, Bulkhead's own plugin module, or nothing. Node's rules, with the file
 * name endings TypeScript adds; npm packages come from node_modules inside the
 * directory only, and the `browser` field is not read.
 */
import { isBuiltin } from 'node:module'
import { posix } from 'node:path'
import { exportsTarget, importsTarget } from './package-map.js'
import { parentOf, type PackageJson, type Packages } from './package-json.js'
import { Refusal } from './refusal.js'
import type { Tree } from './tree.js'

export type Resolved =
  | { readonly kind: 'file'; readonly path: string; readonly esm: boolean; readonly pure: boolean }
  | { readonly kind: 'builtin'; readonly name: string }
  | { readonly kind: 'plugin-module' }
  | { readonly kind: 'missing' }

/** How the importing code asks: it picks the conditions of `exports`. */
export type Ask = 'import' | 'require'

const CONDITIONS: { readonly [Key in Ask]: ReadonlySet<string> } = {
  import: new Set(['node', 'import']),
  require: new Set(['node', 'require']),
}
const SOURCE = ['.ts', '.mts', '.cts']
const PLAIN = ['.js', '.mjs', '.cjs', '.json']
/** `./a.js` in TypeScript means `./a.ts` where there is no `./a.js`. */
const WRITTEN_AS: { readonly [ending: string]: string } = { '.js': '.ts', '.mjs': '.mts', '.cjs': '.cts' }

export interface Resolver {
  /**
   * @param importer - plugin-relative real path of the importing file
   * @throws Refusal for what no plugin may import
   */
  resolve(specifier: string, importer: string, ask: Ask): Resolved
  /** The plugin's entry module. */
  entry(main: string): Resolved
}

export function makeResolver(tree: Tree, packages: Packages): Resolver {
  function resolve(specifier: string, importer: string, ask: Ask): Resolved {
    if (specifier.startsWith('node:')) return { kind: 'builtin', name: specifier.slice(5) }
    if (isBuiltin(specifier)) return { kind: 'builtin', name: specifier }
    if (specifier === 'bulkhead/plugin') return { kind: 'plugin-module' }
    refuseOddities(specifier)
    const dir = parentOf(importer)
    if (isRelative(specifier)) return fileOrMissing(pathOf(dir, specifier), specifier)
    if (specifier.startsWith('#')) return inner(specifier, dir, ask)
    return bare(specifier, dir, ask)
  }

  function inner(specifier: string, dir: string, ask: Ask): Resolved {
    const scope = packages.around(dir)
    const target = scope === undefined ? undefined : importsTarget(scope.imports, specifier, CONDITIONS[ask])
    if (scope === undefined || typeof target !== 'string') return { kind: 'missing' }
    if (target.startsWith('./')) return exact(pathOf(scope.dir, target))
    return resolve(target, scope.dir === '' ? 'package.json' : `${scope.dir}/package.json`, ask)
  }

  function bare(specifier: string, dir: string, ask: Ask): Resolved {
    const parts = specifier.split('/')
    const name = parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/')
    const rest = specifier.slice(name.length).replace(/^\//, '')
    const scope = packages.around(dir)
    if (scope?.name === name && scope.exports !== undefined) return exported(scope, rest, ask)
    for (let at = dir; ; at = parentOf(at)) {
      if (at !== 'node_modules' && !at.endsWith('/node_modules')) {
        const found = installed(pathOf(at, `node_modules/${name}`), rest, ask)
        if (found.kind !== 'missing') return found
      }
      if (at === '') return { kind: 'missing' }
    }
  }

  function installed(dir: string, rest: string, ask: Ask): Resolved {
    const place = tree.probe(dir)
    if (place.kind === 'file' && rest === '') return { kind: 'missing' }
    if (place.kind !== 'directory') return rest === '' ? fileOrMissing(dir, '') : { kind: 'missing' }
    const manifest = packages.at(place.real)
    if (manifest?.exports !== undefined) return exported(manifest, rest, ask)
    return fileOrMissing(pathOf(place.real, rest), rest)
  }

  function exported(manifest: PackageJson, rest: string, ask: Ask): Resolved {
    const target = exportsTarget(manifest.exports, rest === '' ? '.' : `./${rest}`, CONDITIONS[ask])
    return typeof target === 'string' ? exact(pathOf(manifest.dir, target)) : { kind: 'missing' }
  }

  /** A target of package.json: taken as it is written. */
  function exact(path: string): Resolved {
    const found = tree.probe(path)
    return found.kind === 'none' || found.kind === 'directory' ? { kind: 'missing' } : file(found.real)
  }

  function fileOrMissing(path: string, specifier: string): Resolved {
    const wantsDirectory = /(?:^|\/)\.{0,2}$/.test(specifier) && specifier !== ''
    const found = (wantsDirectory ? undefined : asFile(path)) ?? asDirectory(path)
    return found === undefined ? { kind: 'missing' } : file(found)
  }

  function asFile(path: string): string | undefined {
    const ending = posix.extname(path)
    const written = WRITTEN_AS[ending]
    const guesses = path.includes('node_modules/') ? [...PLAIN, ...SOURCE] : [...SOURCE, ...PLAIN]
    const candidates = [
      path,
      ...(written === undefined ? [] : [path.slice(0, -ending.length) + written]),
      ...guesses.map((guess) => path + guess),
    ]
    for (const candidate of candidates) {
      const { kind, real } = tree.probe(candidate)
      if (kind === 'file' || kind === 'other') return real // `other` is refused when it is read, by name
    }
    return undefined
  }

  function asDirectory(path: string): string | undefined {
    const place = tree.probe(path)
    if (place.kind !== 'directory') return undefined
    const main = packages.at(place.real)?.main
    const named = main === undefined ? undefined : pathOf(place.real, main)
    return (
      (named === undefined ? undefined : (asFile(named) ?? asFile(pathOf(named, 'index')))) ??
      asFile(pathOf(place.real, 'index'))
    )
  }

  function file(path: string): Resolved {
    const ending = posix.extname(path)
    const scope = packages.around(parentOf(path))
    const esm =
      ending === '.js' || ending === '.ts' ? (scope?.esm ?? false) : ending === '.mjs' || ending === '.mts'
    return { kind: 'file', path, esm, pure: scope?.pure ?? false }
  }

  return {
    resolve,
    entry: (main) => exact(pathOf('', main)),
  }
}

function isRelative(specifier: string): boolean {
  return specifier === '.' || specifier === '..' || specifier.startsWith('./') || specifier.startsWith('../')
}

/** Joins plugin-relative paths; what leaves the directory keeps its `..` and is refused by the tree. */
function pathOf(dir: string, path: string): string {
  const joined = posix.join(dir, path).replace(/\/$/, '')
  return joined === '.' ? '' : joined
}

function refuseOddities(specifier: string): void {
  if (specifier === 'bulkhead' || specifier.startsWith('bulkhead/')) {
    throw new Refusal(`${quoted(specifier)} does not exist inside a plugin`, "import from 'bulkhead/plugin'")
  }
  if (/^[a-z][a-z0-9+.-]*:/i.test(specifier)) {
    throw new Refusal(
      `${quoted(specifier)} is a URL`,
      'import a file or package inside the plugin directory by name',
    )
  }
  if (specifier.startsWith('/') || specifier.includes('\\') || specifier.includes('\0')) {
    throw new Refusal(
      `${quoted(specifier)} is an absolute or foreign path`,
      'write a relative path with / between its parts',
    )
  }
  if (specifier === '') throw new Refusal('the import names nothing', 'name a file or package')
}

/** The author's own words, short enough for a message. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 120 ? `${text.slice(0, 120)}…` : text)
}
