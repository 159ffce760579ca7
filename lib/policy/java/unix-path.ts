/**
 * Paths as `java.nio.file.Path` of a Unix JDK has them after `normalize()`: text
 * only, nothing is looked up on a disk.
 */

/**
 * Without `.`, empty names and `name/..`; `..` stays at the start of a relative path
 * and vanishes at the start of an absolute one. The current directory is `''`.
 */
export function normalizePath(path: string): string {
  const absolute = path.startsWith('/')
  const names: string[] = []
  for (const name of path.split('/')) {
    if (name === '' || name === '.') continue
    if (name !== '..') names.push(name)
    else if (names.length > 0 && names[names.length - 1] !== '..') names.pop()
    else if (!absolute) names.push(name)
  }
  return (absolute ? '/' : '') + names.join('/')
}

/**
 * How many names lie between a directory and a path in it: 0 for itself, 1 for what
 * lies right in it, `undefined` for what lies elsewhere. Both are normalised; absolute
 * and relative paths never meet, and what only a disk could tell (`..` against `a`) is elsewhere.
 */
export function depthBelow(directory: string, path: string): number | undefined {
  if (directory.startsWith('/') !== path.startsWith('/')) return undefined
  const outer = namesOf(directory)
  const inner = namesOf(path)
  let common = 0
  while (common < outer.length && common < inner.length && outer[common] === inner[common]) common += 1
  // What is left of the directory has to be `..` only; those stand in front, so the last one tells.
  if (common < outer.length && outer[outer.length - 1] !== '..') return undefined
  if (common < inner.length && inner[common] === '..') return undefined
  return outer.length - common + inner.length - common
}

function namesOf(path: string): readonly string[] {
  const relative = path.startsWith('/') ? path.slice(1) : path
  return relative === '' ? [] : relative.split('/')
}
