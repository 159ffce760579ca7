/** Rules about single lines of a Java policy: what the JDK makes of class, target and actions. */
import { BASIC_PERMISSIONS } from '../../java/basic-permission.js'
import type { Facts } from '../facts.js'
import { quote, type Hit } from '../finding.js'
import {
  ALL_PERMISSION,
  FILE_PERMISSION,
  RUNTIME_PERMISSION,
  SOCKET_PERMISSION,
  type JavaLine,
} from '../java-line.js'

/** `*` is the only name this class has. */
const ALWAYS_STAR = 'org.opensearch.SpecialPermission'

export function allPermissions({ lines }: Facts): readonly Hit[] {
  return lines
    .filter(({ permission }) => permission.class === ALL_PERMISSION)
    .map(({ place }) => ({
      code: 'java-all-permission',
      place,
      message: 'AllPermission grants everything',
      fix: 'name the permissions the code needs; run it without and read what is refused',
    }))
}

export function anyRuntime({ lines }: Facts): readonly Hit[] {
  return lines
    .filter(({ permission, target }) => permission.class === RUNTIME_PERMISSION && target === '*')
    .map(({ place }) => ({
      code: 'java-any-runtime',
      place,
      message: "RuntimePermission '*' grants every runtime permission, createClassLoader among them",
      fix: 'name the permissions the code needs, one a line',
    }))
}

export function anyName({ lines }: Facts): readonly Hit[] {
  const own: readonly string[] = [
    RUNTIME_PERMISSION,
    FILE_PERMISSION,
    SOCKET_PERMISSION,
    ALL_PERMISSION,
    ALWAYS_STAR,
  ]
  return lines
    .filter(({ permission, target }) => target === '*' && !own.includes(permission.class))
    .map(({ className, place }) => ({
      code: 'java-any-name',
      place,
      message: `${className} '*' grants every name there is`,
      fix: 'name the ones the code needs, one a line',
    }))
}

export function ignoredActions({ lines }: Facts): readonly Hit[] {
  return lines.filter(hasIgnoredActions).map((line) => {
    const { className, permission, place, target } = line
    const actions = quote(permission.actions ?? '')
    const all = target === '*' || target.endsWith('.*')
    return {
      code: 'java-ignored-actions',
      place,
      message: all
        ? `${className} ignores ${actions}, so the line grants every name that ${quote(target)} stands for`
        : `${className} has no actions, so ${actions} means nothing`,
      fix: all ? `write ${className} ${actions} if that is what is meant` : 'remove the actions',
    }
  })
}

/** Classes that refuse actions are another rule's. */
function hasIgnoredActions({ permission, actions }: JavaLine): boolean {
  return BASIC_PERMISSIONS.get(permission.class)?.actions === 'ignored' && actions.length > 0
}

/** One finding a class, at its first line. */
export function unknownClasses({ input: { knownClasses }, lines }: Facts): readonly Hit[] {
  if (knownClasses === undefined) return []
  const known = new Set(knownClasses)
  const firsts = new Map<string, { readonly line: JavaLine; readonly count: number }>()
  for (const line of lines) {
    const name = line.permission.class
    if (known.has(name)) continue
    const first = firsts.get(name)
    firsts.set(name, { line: first?.line ?? line, count: (first?.count ?? 0) + 1 })
  }
  return [...firsts].map(([name, { line, count }]) => ({
    code: 'java-unknown-class',
    place: line.place,
    message: `${quote(name)} is no permission class that is known here${also(count)}`,
    fix: 'correct the name, or look up in its library what it grants and write that as capabilities',
  }))
}

function also(count: number): string {
  return count === 1 ? '' : `, on ${count} lines`
}

export function executes({ lines }: Facts): readonly Hit[] {
  return lines
    .filter(({ permission, actions }) => permission.class === FILE_PERMISSION && actions.includes('execute'))
    .map(({ permission, place }) => ({
      code: 'java-execute',
      place,
      message: `FilePermission ${quote(permission.target ?? '')} lets the code start programs`,
      fix: 'remove the action; a plugin starts no programs',
    }))
}

export function relativePaths({ paths }: Facts): readonly Hit[] {
  return paths.flatMap(({ root, segments, line, place, shown }): readonly Hit[] => {
    if (line === null || root !== '' || segments.length === 0) return []
    const [only = ''] = segments
    const property = segments.length === 1 && only.split('.').length > 2
    return [
      {
        code: 'java-relative-path',
        place,
        message: `${shown} is relative to the directory the node is started in`,
        fix: property
          ? `write PropertyPermission ${quote(only)} if the system property is meant, else an absolute path`
          : 'write an absolute path',
      },
    ]
  })
}

/** Only where the same grant deletes nothing there by another line of the same target. */
export function writesWithoutDelete({ lines }: Facts): readonly Hit[] {
  const files = lines.filter(({ permission }) => permission.class === FILE_PERMISSION)
  const deleting = new Map<JavaLine['grant'], Set<string | null>>()
  for (const { grant, permission } of files) {
    if (!/\bdelete\b/i.test(permission.actions ?? '')) continue
    const targets = deleting.get(grant) ?? new Set()
    deleting.set(grant, targets.add(permission.target))
  }
  return files
    .filter(({ actions }) => actions.includes('write') && !actions.includes('delete'))
    .filter(({ grant, target }) => deleting.get(grant)?.has(target) !== true)
    .map(({ permission, place }) => ({
      code: 'java-write-without-delete',
      place,
      message: `FilePermission ${quote(permission.target ?? '')} writes but may not delete, and fs.write is both`,
      fix: 'narrow fs.write to the files that may go, or accept that they may',
    }))
}
