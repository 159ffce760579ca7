/**
 * package.json as the bundler needs it: type, main, exports, imports, sideEffects.
 * Read through the tree, once a directory; what a field means for an import is
 * decided in package-map.ts and resolve.ts.
 */
import { Refusal } from './refusal.js'
import type { Tree } from './tree.js'

export interface PackageJson {
  /** Plugin-relative directory it lies in; '' is the plugin's own. */
  readonly dir: string
  readonly name: string | undefined
  /** `.js` and `.ts` files are ES modules. */
  readonly esm: boolean
  /** Entry for packages without `exports`. */
  readonly main: string | undefined
  readonly exports: unknown
  readonly imports: unknown
  /** The author says that importing a file of it does nothing by itself. */
  readonly pure: boolean
}

export interface Packages {
  /** The package.json in this very directory. */
  at(dir: string): PackageJson | undefined
  /** The nearest one at or above this directory, not above the plugin's or a node_modules folder. */
  around(dir: string): PackageJson | undefined
}

export function makePackages(tree: Tree): Packages {
  const known = new Map<string, PackageJson | undefined>()

  function at(dir: string): PackageJson | undefined {
    if (known.has(dir)) return known.get(dir)
    const file = dir === '' ? 'package.json' : `${dir}/package.json`
    const found = tree.probe(file).kind === 'file' ? parse(dir, file, tree.read(file)) : undefined
    known.set(dir, found)
    return found
  }

  function around(dir: string): PackageJson | undefined {
    if (dir === 'node_modules' || dir.endsWith('/node_modules')) return undefined
    return at(dir) ?? (dir === '' ? undefined : around(parentOf(dir)))
  }
  return { at, around }
}

/** Plugin-relative parent; '' above the first segment. */
export function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')))
}

function parse(dir: string, file: string, bytes: Buffer): PackageJson {
  const fields = fieldsOf(file, bytes)
  const text = (key: string): string | undefined => {
    const value = Object.hasOwn(fields, key) ? fields[key] : undefined
    return typeof value === 'string' && value !== '' ? value : undefined
  }
  return {
    dir,
    name: text('name'),
    esm: text('type') === 'module',
    // As Node does: `main` is what the package was tried with; `module` only where there is no `main`.
    main: text('main') ?? text('module'),
    exports: Object.hasOwn(fields, 'exports') ? fields['exports'] : undefined,
    imports: Object.hasOwn(fields, 'imports') ? fields['imports'] : undefined,
    pure: Object.hasOwn(fields, 'sideEffects') && fields['sideEffects'] === false,
  }
}

function fieldsOf(file: string, bytes: Buffer): { readonly [key: string]: unknown } {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8').replace(/^\uFEFF/, ''))
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  } catch {
    // Said below: JSON.parse quotes the text, and its words differ between versions of Node.
  }
  throw new Refusal(`${file} is not a JSON object`, 'mend the file', file)
}
