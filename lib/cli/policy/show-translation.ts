/** What became of the lines of a Java policy, for people: those somebody has to look at first. */
import type { JavaDiagnostic } from '../../policy/java/policy.js'
import type { TranslatedLine, TranslationReport } from '../../policy/java/report.js'
import type { Finding } from '../../policy/lint/lint.js'
import { plainLine } from '../plain.js'
import type { Paint, Terminal } from '../terminal.js'
import { indented } from '../text-table.js'

export interface Translated {
  /** As the user knows it. */
  readonly file: string
  readonly report: TranslationReport
  readonly diagnostics: readonly JavaDiagnostic[]
  readonly findings: readonly Finding[]
}

export function reportLines(
  { file, report, diagnostics, findings }: Translated,
  terminal: Terminal,
): readonly string[] {
  const { lines, notes } = report
  const { yellow, red, green, dim, width } = terminal
  const group = (title: string, paint: Paint, members: readonly TranslatedLine[]): readonly string[] =>
    members.length === 0
      ? []
      : [paint(`${title} (${members.length})`), ...byReason(file, members, terminal), '']
  const of = (outcome: TranslatedLine['outcome']): readonly TranslatedLine[] =>
    lines.filter((line) => line.outcome === outcome && !line.needsPerson)
  const remarks = [
    ...diagnostics.map(
      ({ severity, line, column, message, jdk, opensearch3, remedy }) =>
        `${file}:${line}:${column} ${severity}: ${message}; the JDK ${jdk}, OpenSearch 3 ${opensearch3}; ${remedy}`,
    ),
    ...findings
      .filter(({ severity }) => severity !== 'info')
      .map(
        ({ line, column, severity, message, fix }) =>
          `${file}:${line ?? 1}:${column ?? 1} ${severity}: ${message}; ${fix}`,
      ),
    ...notes,
  ]
  return [
    ...group('no counterpart in Node', dim, of('no-counterpart')),
    ...group('mapped', green, of('mapped')),
    ...group('refused', red, of('refused')),
    ...group(
      'needs a person',
      yellow,
      lines.filter(({ needsPerson }) => needsPerson),
    ),
    ...(remarks.length === 0 ? [] : [`remarks (${remarks.length})`]),
    ...remarks.flatMap((text) => indented(plainLine(text), '  ', width)),
    ...(remarks.length === 0 ? [] : ['']),
    summaryOf(report),
  ]
}

/** `28 lines: 5 mapped, 20 without counterpart, 3 refused; 4 need a person`. */
function summaryOf({ counts }: TranslationReport): string {
  const { lines, mapped, noCounterpart, refused, needPerson } = counts
  const people = needPerson === 0 ? '' : `; ${needPerson} need${needPerson === 1 ? 's' : ''} a person`
  return `${lines} line${lines === 1 ? '' : 's'}: ${mapped} mapped, ${noCounterpart} without counterpart, ${refused} refused${people}`
}

/** Lines with one fate stand together, so that what is said about them is said once. */
function byReason(file: string, members: readonly TranslatedLine[], terminal: Terminal): readonly string[] {
  const fates = new Map<string, TranslatedLine[]>()
  for (const line of members) {
    const key = JSON.stringify([line.outcome, line.reason, line.suggestion])
    fates.set(key, [...(fates.get(key) ?? []), line])
  }
  return [...fates.values()].flatMap((same) => {
    const [first] = same
    return [
      ...same.flatMap((line) => permissionLines(file, line, terminal)),
      ...(first === undefined ? [] : fateLines(first, terminal)),
    ]
  })
}

function permissionLines(
  file: string,
  { line, permission, grants }: TranslatedLine,
  { bold, width }: Terminal,
): readonly string[] {
  const name = permission.class.slice(permission.class.lastIndexOf('.') + 1)
  const texts = [permission.target, permission.actions].flatMap((text) =>
    text === null ? [] : [JSON.stringify(text)],
  )
  const rules = grants.map(
    ({ capability, pattern, package: owner }) =>
      `→ ${capability} "${pattern}"${owner === null ? '' : ` for ${owner} only`}`,
  )
  return [
    ...indented(plainLine(`${file}:${line}  ${name} ${texts.join(', ')}`), '  ', width),
    ...rules.flatMap((rule) => indented(plainLine(rule), '    ', width)).map((text) => bold(text)),
  ]
}

function fateLines(
  { outcome, reason, suggestion, needsPerson }: TranslatedLine,
  { dim, width }: Terminal,
): readonly string[] {
  const exact = outcome === 'mapped' && !needsPerson && suggestion === null
  return [
    ...(exact ? [] : indented(plainLine(reason), '      ', width).map((text) => dim(text))),
    ...(suggestion === null ? [] : indented(plainLine(`by hand: ${suggestion}`), '      ', width)),
  ]
}
