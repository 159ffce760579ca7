/**
 * What Node's own permission flags shall open, from the grant: paths, and whether there is a network. The flags know no `*`
 * inside a path and no exceptions, so each pattern is cut at its first wildcard's
 * directory. This second wall may be wider than `decide` below such a directory; it
 * never opens anything that is always denied.
 */
import { compileGrant, type Rules } from './compile.js'
import type { Grant } from './grant.js'
import { NAMED_ONLY, type PathTarget } from './match.js'
import { treeMeetsDenied } from './self-approval.js'

interface Cut {
  readonly path: string
  /** Whether a wildcard was cut off, so that all below is meant. */
  readonly tree: boolean
}

/**
 * What the policy grants to single packages is open to the whole thread here: Node's flags
 * cannot tell whose code reads a file, `decide` can.
 *
 * Where the operator narrows, a cut counts as far as a cut of the narrowing overlaps it:
 * of two directories one of which holds the other, the inner one. That is never less than
 * `decide` allows and never more than either list alone would open. A directory that is,
 * holds, or lies in an always denied one is left out as a whole: `/**` opens nothing here.
 *
 * @returns absolute paths, sorted; a path that is a directory means all below it, as Node reads it
 */
export function permissionPaths(grant: Grant, access: 'read' | 'write'): readonly string[] {
  const { request, packages, narrow, additions } =
    compileGrant(grant)[access === 'read' ? 'fs.read' : 'fs.write']
  const asked = [request, ...packages.values()].flatMap(cuts)
  const kept = narrow === null ? asked : overlap(asked, cuts(narrow))
  const safe = [...kept, ...cuts(additions)].filter(
    ({ path }) => !holdsNamedOnly(path) && !treeMeetsDenied(grant.denied, access, path),
  )
  const trees = treesOf(safe)
  const outer = safe.filter(({ path }) => !above(path).some((directory) => trees.has(directory)))
  return [...new Set(outer.map(({ path }) => path))].toSorted()
}

/** Whether any rule opens any of the network, to whatever package. */
export function permitsNetwork(grant: Grant): boolean {
  const compiled = compileGrant(grant)
  return [compiled['net.connect'], compiled['net.listen']].some(
    ({ request, packages, narrow, additions }) =>
      additions.rules.length > 0 ||
      (narrow?.rules.length !== 0 && [request, ...packages.values()].some(({ rules }) => rules.length > 0)),
  )
}

function cuts({ rules }: Rules<PathTarget>): readonly Cut[] {
  return rules.map(({ text }) => cut(text))
}

function cut(text: string): Cut {
  const star = text.indexOf('*')
  if (star === -1) return { path: text, tree: false }
  const slash = text.lastIndexOf('/', star)
  return { path: slash === 0 ? '/' : text.slice(0, slash), tree: true }
}

/** Of every two cuts that meet, the inner one; a path that both name is a tree only when it is one in both. */
function overlap(a: readonly Cut[], b: readonly Cut[]): readonly Cut[] {
  return [...within(a, b), ...within(b, a)]
}

/** Those of `cuts` that lie in one of `others`. */
function within(cuts: readonly Cut[], others: readonly Cut[]): readonly Cut[] {
  const trees = treesOf(others)
  const paths = new Set(others.map(({ path }) => path))
  return cuts.filter(
    ({ path, tree }) =>
      (tree ? trees : paths).has(path) || above(path).some((directory) => trees.has(directory)),
  )
}

function treesOf(cuts: readonly Cut[]): ReadonlySet<string> {
  return new Set(cuts.filter(({ tree }) => tree).map(({ path }) => path))
}

/** The directories that hold the path, up to `/`. */
function above(path: string): readonly string[] {
  const directories = path === '/' ? [] : ['/']
  for (let slash = path.indexOf('/', 1); slash !== -1; slash = path.indexOf('/', slash + 1)) {
    directories.push(path.slice(0, slash))
  }
  return directories
}

/** `/`, `/proc`, `/dev`: below them stands what only a pattern that names it may reach. */
function holdsNamedOnly(path: string): boolean {
  return path === '/' || NAMED_ONLY.some((name) => path === `/${name}`)
}
