/**
 * `java.io.FilePermission` as fs.read and fs.write: the same paths, spelled as patterns.
 * Java's `/a/-` is everything below /a and not /a itself, so its pattern is `/a/*` and
 * `/**` behind it. A file named `-`, or with a final `*`, is one that Java's own checks take
 * for a wildcard; a pattern covers it like any other.
 */
import { checkPattern } from '../check-pattern.js'
import { NAMED_ONLY } from '../match.js'
import { isCovered, type FileIndex } from './file-index.js'
import { readFilePermission, type FileAction, type FileTarget } from './file-permission.js'
import type { JavaPermissionText } from './policy.js'
import { allByHand, byHand, refusal, verdictOf, type RuleText, type Verdict } from './report.js'

/** The pattern that `<<ALL FILES>>` becomes. */
export const ALL_FILES = '/**'

const BY_NAME = 'the files below /proc and /dev by name, like fs.read "/proc/cpuinfo"'

/**
 * @param others - the FilePermissions that hold wherever this one does: changing a file takes `write` and
 *   `delete` in our language, which Java may grant on different lines. The narrower line has the rule then
 * @throws PluginError `JAVA_PERMISSION_INVALID` where the JDK's constructor refuses
 */
export function fileRules(text: JavaPermissionText, others: FileIndex): Verdict {
  const { target, actions } = readFilePermission(text)
  const misread = text.target?.endsWith('*') === true && target.kind !== 'directory'
  const pattern = misread ? LITERAL_STAR : patternOf(target, actions)
  if (typeof pattern !== 'string') return pattern
  const read = actions.includes('read')
  const change = actions.includes('write') || actions.includes('delete')
  const missing = (['write', 'delete'] as const).find((action) => !actions.includes(action))
  const changed = change && (missing === undefined || isCovered(others, missing, target))
  const unread = actions.includes('readlink') && !read
  const rules = [
    ...(read ? [{ capability: 'fs.read', pattern } as const] : []),
    ...(changed ? [{ capability: 'fs.write', pattern } as const] : []),
  ]
  const devices =
    rules.length > 0 && (target.kind === 'all' || (target.path === '/' && target.kind !== 'path'))
  const suggestions = [
    ...(unread ? [byHand('fs.read', [pattern])] : []),
    ...(change && !changed ? [byHand('fs.write', [pattern])] : []),
    ...(devices ? [BY_NAME] : []),
  ]
  return verdictOf({
    rules,
    lost: [
      ...(change && !changed
        ? [`fs.write is creating, changing and removing, and Java does not grant to ${missing}`]
        : []),
      ...(unread ? ['reading links comes with fs.read'] : []),
      ...(actions.includes('execute') ? ['a plugin starts no programs'] : []),
      ...(devices ? ['no wildcard reaches below /proc and /dev'] : []),
    ],
    idle: [],
    suggestion: suggestions.length > 0 ? suggestions.join('; ') : null,
  })
}

const LITERAL_STAR = refusal(
  "In Java this '*' is a character of the name, not a wildcard, so the line does not grant what it seems to.",
  'the paths by name, or with a wildcard in the fs rules',
)

/** The pattern for exactly these paths, or why there is none. */
function patternOf(target: FileTarget, actions: readonly FileAction[]): string | Verdict {
  if (target.kind === 'all') return ALL_FILES
  if (target.kind === 'none') return refusal('Java takes this path but never grants it.', null)
  if (target.path.includes('*')) return LITERAL_STAR
  const pattern = spell(target.kind, target.path)
  if (!target.path.startsWith('/')) {
    return refusal(
      "The path starts in the JVM's working directory, and a plugin has none.",
      target.path.startsWith('..') ? 'the rule with the absolute path' : ownRules(actions, pattern),
    )
  }
  const unfit = checkPattern('fs.read', pattern)
  if (unfit !== undefined) return refusal(`No pattern spells this path: ${unfit.fault}.`, unfit.remedy)
  const [first = '', second = ''] = pattern.slice(1).split('/')
  return NAMED_ONLY.includes(first) && second.includes('*')
    ? refusal(`No wildcard reaches below /${first}.`, BY_NAME)
    : pattern
}

function spell(kind: 'directory' | 'recursive' | 'path', path: string): string {
  if (kind === 'path') return path
  return `${path === '/' ? '' : path}${kind === 'directory' ? '/*' : '/*/**'}`
}

/** How a relative path would be written by hand: in the directory for data where it is changed. */
function ownRules(actions: readonly FileAction[], relative: string): string | null {
  const read = actions.includes('read') || actions.includes('readlink')
  const change = actions.includes('write') || actions.includes('delete')
  const start = change ? '${plugin.data}' : '${plugin.home}'
  const pattern = relative === '' || relative.startsWith('/') ? start + relative : `${start}/${relative}`
  const rules: readonly RuleText[] = [
    ...(read ? [{ capability: 'fs.read', pattern } as const] : []),
    ...(change ? [{ capability: 'fs.write', pattern } as const] : []),
  ]
  return rules.length > 0 ? allByHand(rules) : null
}
