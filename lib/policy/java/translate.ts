/**
 * A Java policy as a request of ours, and what became of each of its lines. Never wider:
 * what `decide` allows under the request, approved as it stands, the Java policy allowed.
 * Java says nothing of settings, cluster state and extension points, and limits are not
 * made up: those are the plugin author's to add.
 */
import { PluginError } from '../../errors.js'
import type { PolicyRequest } from '../document.js'
import { applicationOf, type Application, type ApplicationOptions } from './application.js'
import { indexFiles } from './file-index.js'
import { readFilePermission, type FilePermission } from './file-permission.js'
import { fillProperties, leftProperty } from './fill-properties.js'
import { judge, type Neighbours } from './judge.js'
import { findClass } from './permission-table.js'
import type { JavaGrant, JavaPermission, JavaPermissionText, JavaPolicy } from './policy.js'
import { applied, checkComment, rulesOf } from './place-rules.js'
import { countLines, type TranslatedLine, type TranslationReport } from './report.js'
import { readSocketPermission, type SocketPermission } from './socket-permission.js'
import { peersOf } from './socket-rules.js'

export interface TranslateOptions extends ApplicationOptions {
  /**
   * Why AllPermission and `RuntimePermission "*"` are not to be refused; it stands in the policy and the report.
   * The first becomes the widest rules there are; of the second there are no rules, so its needs have to be named.
   */
  readonly acceptAll?: string
  /** Values of Java properties in targets of lines that were parsed without them; a line with any other needs a person. */
  readonly properties?: Readonly<Record<string, string>>
  /** Where the Java policy comes from, for the `$comment`. */
  readonly comment?: string
}

export interface Translation {
  readonly policy: PolicyRequest
  readonly report: TranslationReport
}

/**
 * @throws PluginError `CONFIG_INVALID` for a reason without text, a comment above what a policy
 *   holds, or a name that no npm package has
 */
export function translate(policy: JavaPolicy, options: TranslateOptions): Translation {
  checkOptions(options)
  const placed = policy.grants.flatMap((grant) =>
    grant.permissions.map((permission) => place(grant, permission, options)),
  )
  const byPackage = new Map<string | null, Neighbours>()
  const neighboursOf = (line: PlacedLine): Neighbours => {
    if (line.application.kind === 'nowhere') return neighboursIn([line])
    const near = byPackage.get(line.package) ?? neighboursIn(holdingFor(line.package, placed))
    byPackage.set(line.package, near)
    return near
  }
  const lines = placed.map((line) => translateLine(line, neighboursOf(line), options))
  const notes =
    policy.keystore === null ? [] : ['The keystore is left out: signers have no counterpart here.']
  return {
    policy: { ...commentOf(lines, options), policyVersion: 1, ...rulesOf(lines) },
    report: { counts: countLines(lines), lines, notes },
  }
}

/** A line with properties put in, where it applies, and what it lends to its neighbours. */
interface PlacedLine {
  readonly codeBase: string | null
  readonly permission: JavaPermission
  readonly text: JavaPermissionText
  readonly application: Application
  /** `null` for the whole plugin, and for nothing of ours. */
  readonly package: string | null
  /** Read where it can be. */
  readonly file: FilePermission | undefined
  readonly socket: SocketPermission | undefined
}

function place(grant: JavaGrant, permission: JavaPermission, options: TranslateOptions): PlacedLine {
  const { table } = options
  const { class: className, target, actions } = permission
  const text = {
    class: className,
    target: target === null ? null : fillProperties(target, table, options.properties),
    actions,
  }
  const application = applicationOf(grant, permission, options)
  const entry = findClass(table, className)
  const readable = entry !== undefined && 'rule' in entry && leftProperty(text.target) === undefined
  const rule = readable ? entry.rule : undefined
  return {
    codeBase: grant.codeBase,
    permission,
    text,
    application,
    package: application.kind === 'package' ? application.name : null,
    file: rule === 'file' ? unlessRefused(() => readFilePermission(text)) : undefined,
    socket: rule === 'socket' ? unlessRefused(() => readSocketPermission(text)) : undefined,
  }
}

/** What holds for the whole plugin holds for each package too. */
function holdingFor(name: string | null, lines: readonly PlacedLine[]): readonly PlacedLine[] {
  return lines.filter(
    ({ application, package: own }) => application.kind !== 'nowhere' && (own === null || own === name),
  )
}

function neighboursIn(lines: readonly PlacedLine[]): Neighbours {
  return {
    files: indexFiles(lines.flatMap(({ file }) => (file === undefined ? [] : [file]))),
    peers: peersOf(lines.flatMap(({ socket }) => (socket === undefined ? [] : [socket]))),
  }
}

function translateLine(line: PlacedLine, neighbours: Neighbours, options: TranslateOptions): TranslatedLine {
  const { application, permission, text } = line
  const judged = judge(text, neighbours, options.table, options.acceptAll)
  const { outcome, rules, reason, needsPerson, suggestion } = applied(judged, application)
  return {
    line: permission.line,
    column: permission.column,
    codeBase: line.codeBase,
    permission: { class: permission.class, target: permission.target, actions: permission.actions },
    outcome,
    grants: rules.map((rule) => ({ ...rule, package: line.package })),
    reason,
    needsPerson,
    suggestion,
  }
}

const ALL_PERMISSION = 'java.security.AllPermission'

function checkOptions({ acceptAll = 'none', comment = '' }: TranslateOptions): void {
  if (acceptAll.trim() === '') {
    const remedy = 'say why, for whoever reads the policy later'
    throw new PluginError('CONFIG_INVALID', { option: 'acceptAll', remedy })
  }
  checkComment(comment, acceptAll)
}

function commentOf(
  lines: readonly TranslatedLine[],
  { acceptAll, comment }: TranslateOptions,
): Pick<PolicyRequest, '$comment'> {
  const accepted = lines.some(
    ({ permission, grants }) => permission.class === ALL_PERMISSION && grants.length > 0,
  )
  const parts = [comment, accepted ? `AllPermission accepted: ${acceptAll}` : undefined]
  const text = parts.filter((part) => part !== undefined && part !== '').join('; ')
  return text === '' ? {} : { $comment: text }
}

function unlessRefused<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof PluginError && error.code === 'JAVA_PERMISSION_INVALID') return undefined
    throw error
  }
}
