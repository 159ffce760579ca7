/** Rules that ask what a Java line grants: nothing at all, or nothing that another line does not. */
import { PluginError } from '../../../errors.js'
import { implies } from '../../java/implies.js'
import type { JavaPermissionText } from '../../java/policy.js'
import { compared } from '../compared.js'
import type { Facts } from '../facts.js'
import { placeInJava, quote, type Hit } from '../finding.js'
import { ALL_PERMISSION, FILE_PERMISSION, isGlobal, type JavaLine } from '../java-line.js'

/** Without the value of a property nobody knows what the constructor gets. */
export function refusedPermissions({ lines }: Facts): readonly Hit[] {
  return lines.flatMap((line): readonly Hit[] => {
    const refused = line.target.includes('${') ? undefined : refusal(textOf(line))
    if (refused === undefined) return []
    const message = `the JDK refuses this ${line.className}, so the line grants nothing: ${refused.message}`
    return [{ code: 'java-refused', place: line.place, message, fix: refused.remedy }]
  })
}

function refusal(
  text: JavaPermissionText,
): { readonly message: string; readonly remedy: string } | undefined {
  try {
    implies(text, text)
    return undefined
  } catch (error) {
    if (!(error instanceof PluginError) || error.code !== 'JAVA_PERMISSION_INVALID') throw error
    return { message: String(error.detail['message']), remedy: String(error.detail['remedy']) }
  }
}

/** A grant for some code of which the grants for all code leave nothing. */
export function coveredGrants({ input: { java }, lines }: Facts): readonly Hit[] {
  if (java === undefined) return []
  const first = compared(lines, ({ target }) => target)
  const forAll = first.filter(({ grant }) => isGlobal(grant))
  return java.policy.grants
    .filter((grant) => !isGlobal(grant) && isCoveredGrant(grant, first, forAll))
    .map((grant) => ({
      code: 'java-covered-grant',
      place: placeInJava(java.file, grant),
      message: `all code has the permissions of the grant for ${quote(grant.codeBase ?? 'some code')} already`,
      fix: 'take them out of the grant for all code if only this code needs them, else remove this grant',
    }))
}

/** Where one line grants everything, or the whole grant is told, its lines are not told one by one. */
export function coveredLines({ lines }: Facts): readonly Hit[] {
  const first = compared(lines, ({ target }) => target)
  const forAll = first.filter(({ grant }) => isGlobal(grant))
  const told = new Set(
    [...new Set(first.map(({ grant }) => grant))].filter(
      (grant) =>
        grant.permissions.some((permission) => permission.class === ALL_PERMISSION) ||
        (!isGlobal(grant) && isCoveredGrant(grant, first, forAll)),
    ),
  )
  return first.flatMap((line, index): readonly Hit[] => {
    if (told.has(line.grant)) return []
    const by = first.find(
      (wide, at) =>
        at !== index &&
        (wide.grant === line.grant || isGlobal(wide.grant)) &&
        covers(wide, line) &&
        (at < index || !covers(line, wide)),
    )
    return by === undefined ? [] : [say(line, by)]
  })
}

function say(line: JavaLine, by: JavaLine): Hit {
  const { place } = line
  if (isSame(by, line)) {
    const message = `line ${by.permission.line} grants the same ${line.className}`
    return { code: 'duplicate-rule', place, message, fix: 'remove one of the two' }
  }
  const target = by.permission.target === null ? '' : ` ${quote(by.permission.target)}`
  return {
    code: 'covered-rule',
    place,
    message: `line ${by.permission.line} covers this by ${by.className}${target}`,
    fix: 'remove the wide line if the narrow one is enough, else the narrow one',
  }
}

function isCoveredGrant(
  grant: JavaLine['grant'],
  first: readonly JavaLine[],
  forAll: readonly JavaLine[],
): boolean {
  const own = first.filter((line) => line.grant === grant)
  return (
    own.length > 0 &&
    own.length === grant.permissions.length &&
    own.every((line) => forAll.some((wide) => covers(wide, line)))
  )
}

/** A line for signed classes covers no more than lines for the same signer. */
function covers(wide: JavaLine, narrow: JavaLine): boolean {
  const { signedBy } = wide.permission
  if (signedBy !== null && signedBy !== narrow.permission.signedBy) return false
  if (wide.permission.class === ALL_PERMISSION) return true
  if (wide.permission.class !== narrow.permission.class) return false
  if (isSame(wide, narrow)) return true
  const root = sharedRoot(wide, narrow)
  if (root === undefined) return false
  const [granted, asked] = [textOf(wide, root), textOf(narrow, root)]
  return refusal(granted) === undefined && refusal(asked) === undefined && implies(granted, asked)
}

function isSame(a: JavaLine, b: JavaLine): boolean {
  const key = ({ permission, target, actions }: JavaLine): string =>
    JSON.stringify([permission.class, permission.target === null, target, [...new Set(actions)].toSorted()])
  return key(a) === key(b)
}

/**
 * The property both paths start with, `''` for two targets without properties. Others
 * cannot be compared, since what the properties hold decides.
 */
function sharedRoot(a: JavaLine, b: JavaLine): string | undefined {
  if (!a.target.includes('${') && !b.target.includes('${')) return ''
  const root = /^\$\{[^{}]+\}(?=\/)/.exec(a.target)?.[0]
  if (root === undefined || a.permission.class !== FILE_PERMISSION) return undefined
  const fits = [a, b].every(({ target }) => target.startsWith(`${root}/`) && target.lastIndexOf('${') === 0)
  return fits ? root : undefined
}

/** What the property holds does not matter below it, so an absolute path stands in for it. */
function textOf({ permission, target }: JavaLine, root = ''): JavaPermissionText {
  const text = root === '' ? target : `/root${target.slice(root.length)}`
  return {
    class: permission.class,
    target: permission.target === null ? null : text,
    actions: permission.actions,
  }
}
