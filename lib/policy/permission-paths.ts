/**
 * The paths for Node's own permission flags, from the grant. The flags know no `*`
 * inside a path and no exceptions, so each pattern is cut at its first wildcard's
 * directory. This second wall may be wider than `decide` below such a directory; it
 * never opens anything that is always denied.
 */
import { compileGrant } from './compile.js'
import type { Grant } from './grant.js'
import { NAMED_ONLY } from './match.js'
import { isWithin, treeMeetsDenied } from './self-approval.js'

interface Cut {
  readonly path: string
  /** Whether a wildcard was cut off, so that all below is meant. */
  readonly tree: boolean
}

/**
 * Where the operator narrows, a cut counts as far as a cut of the narrowing overlaps it:
 * of two directories one of which holds the other, the inner one. That is never less than
 * `decide` allows and never more than either list alone would open. A directory that is,
 * holds, or lies in an always denied one is left out as a whole: `/**` opens nothing here.
 *
 * @returns absolute paths, sorted; a path that is a directory means all below it, as Node reads it
 */
export function permissionPaths(grant: Grant, access: 'read' | 'write'): readonly string[] {
  const { request, narrow, additions } = compileGrant(grant)[access === 'read' ? 'fs.read' : 'fs.write']
  const asked = request.map(({ text }) => cut(text))
  const left = narrow?.map(({ text }) => cut(text))
  const kept = left === undefined ? asked : asked.flatMap((a) => left.flatMap((b) => overlap(a, b)))
  const safe = [...kept, ...additions.map(({ text }) => cut(text))].filter(
    ({ path }) => !holdsNamedOnly(path) && !treeMeetsDenied(grant.denied, access, path),
  )
  const outer = safe.filter(
    ({ path }) => !safe.some((tree) => tree.tree && tree.path !== path && isWithin(path, tree.path)),
  )
  return [...new Set(outer.map(({ path }) => path))].toSorted()
}

function cut(text: string): Cut {
  const star = text.indexOf('*')
  if (star === -1) return { path: text, tree: false }
  const slash = text.lastIndexOf('/', star)
  return { path: slash === 0 ? '/' : text.slice(0, slash), tree: true }
}

function overlap(a: Cut, b: Cut): readonly Cut[] {
  if (a.path === b.path) return [a.tree ? b : a]
  if (a.tree && isWithin(b.path, a.path)) return [b]
  return b.tree && isWithin(a.path, b.path) ? [a] : []
}

/** `/`, `/proc`, `/dev`: below them stands what only a pattern that names it may reach. */
function holdsNamedOnly(path: string): boolean {
  return path === '/' || NAMED_ONLY.some((name) => path === `/${name}`)
}
