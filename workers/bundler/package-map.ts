/**
 * `exports` and `imports` of a package.json: which target a subpath stands for.
 * Pure. The rules are PACKAGE_EXPORTS_RESOLVE, PACKAGE_IMPORTS_EXPORTS_RESOLVE and
 * PACKAGE_TARGET_RESOLVE of Node's ES module documentation; no pattern becomes a regex.
 */

/** `undefined`: nothing matches; `null`: the package closes this subpath on purpose. */
export type Target = string | null | undefined

/**
 * @param subpath - `.` or `./x`
 * @returns a target that starts with `./`
 */
export function exportsTarget(exports: unknown, subpath: string, conditions: ReadonlySet<string>): Target {
  const map = isMap(exports) && keys(exports).some((key) => key.startsWith('.')) ? exports : { '.': exports }
  return keyed(map, subpath, conditions, false)
}

/**
 * @param specifier - starts with `#`
 * @returns `./x`, or the name of another package or built-in
 */
export function importsTarget(imports: unknown, specifier: string, conditions: ReadonlySet<string>): Target {
  if (!isMap(imports) || specifier === '#' || specifier.startsWith('#/')) return undefined
  return keyed(imports, specifier, conditions, true)
}

type TargetMap = { readonly [key: string]: unknown }

function keyed(map: TargetMap, wanted: string, conditions: ReadonlySet<string>, bare: boolean): Target {
  if (Object.hasOwn(map, wanted) && !wanted.includes('*') && !wanted.endsWith('/')) {
    return chosen(map[wanted], '', conditions, bare)
  }
  let best: { readonly key: string; readonly match: string } | undefined
  for (const key of keys(map)) {
    const match = starMatch(key, wanted)
    if (match !== undefined && (best === undefined || isMoreSpecific(key, best.key))) best = { key, match }
  }
  return best === undefined ? undefined : chosen(map[best.key], best.match, conditions, bare)
}

/** What the one `*` of `key` stands for in `wanted`. */
function starMatch(key: string, wanted: string): string | undefined {
  const star = key.indexOf('*')
  if (star === -1 || key.includes('*', star + 1)) return undefined
  const head = key.slice(0, star)
  const tail = key.slice(star + 1)
  if (wanted.length < key.length || !wanted.startsWith(head) || !wanted.endsWith(tail)) return undefined
  return wanted.slice(head.length, wanted.length - tail.length)
}

function isMoreSpecific(key: string, than: string): boolean {
  const head = key.indexOf('*') - than.indexOf('*')
  return head === 0 ? key.length > than.length : head > 0
}

function chosen(target: unknown, match: string, conditions: ReadonlySet<string>, bare: boolean): Target {
  if (target === null) return null
  if (typeof target === 'string') return filled(target, match, bare)
  if (Array.isArray(target)) {
    for (const one of target) {
      const found = chosen(one, match, conditions, bare)
      if (typeof found === 'string') return found
    }
    return undefined
  }
  if (!isMap(target)) return undefined
  for (const condition of keys(target)) {
    if (condition !== 'default' && !conditions.has(condition)) continue
    const found = chosen(target[condition], match, conditions, bare)
    if (found !== undefined) return found
  }
  return undefined
}

function filled(target: string, match: string, bare: boolean): Target {
  if (!target.startsWith('./')) {
    return bare && !target.startsWith('../') && !target.startsWith('/')
      ? target.replaceAll('*', () => match)
      : undefined
  }
  const path = target.slice(2).replaceAll('*', () => match)
  return path.split('/').some((part) => part === '..' || part === '.' || part === 'node_modules')
    ? undefined
    : `./${path}`
}

function isMap(value: unknown): value is TargetMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function keys(map: TargetMap): readonly string[] {
  return Object.keys(map)
}
