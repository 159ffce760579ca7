/** An explanation as lines for people: the answer, the rule and its place, and what to write. */
import { summaryOf, shortPath } from '../describe-error.js'
import { jsonLines } from '../json-lines.js'
import { plainLine } from '../plain.js'
import type { Terminal } from '../terminal.js'
import { indented, table, widthOf } from '../text-table.js'
import type { Capability } from '../../policy/capability.js'
import type { Origin } from './origin.js'
import type { ListedRule } from './rules-of.js'
import type { Subject } from './subject.js'
import type { Question } from './target.js'
import { narrowedWith, rulesWith, type Why } from './why.js'

export interface Explanation {
  readonly subject: Subject
  readonly question: Question
  readonly why: Why
  /** Of the rules that `why` names. */
  readonly origins: readonly Origin[]
  readonly secondWall: 'open' | 'shut' | null
}

/** Something to write, and where. */
export interface Fix {
  readonly text: string
  readonly file: string
  /** To be merged into what stands there. */
  readonly json: object
}

export function explanationLines(explanation: Explanation, terminal: Terminal): readonly string[] {
  const { subject, question, why, origins } = explanation
  const { bold, green, red, width } = terminal
  const may = why.kind === 'allowed'
  const loads = subject.error === null
  const answer = may && loads ? green('allowed') : red('denied')
  const verb = may && loads ? 'may' : 'may not'
  const say = (text: string): readonly string[] => indented(plainLine(text), '  ', width)
  return [
    `${answer}  ${bold(plainLine(subject.descriptor.name))} ${verb} ${plainLine(question.text)}`,
    ...(may ? [] : say(reasonOf(explanation))),
    ...originLines(explanation, origins, terminal),
    ...(may && !loads ? say('The rules allow it, but the plugin does not load.') : []),
    ...wallLines(explanation).flatMap(say),
    ...loadLines(subject, terminal),
    ...fixesOf(explanation).flatMap((fix, index) => [
      '',
      ...indented(plainLine(`${index === 0 ? 'To allow it' : 'Or'}: ${fix.text}`), '', width),
      `  ${bold(plainLine(shortPath(fix.file)))}`,
      ...jsonLines(fix.json, width - 4).map((line) => `    ${plainLine(line)}`),
    ]),
  ]
}

function reasonOf({ why, question }: Explanation): string {
  switch (why.kind) {
    case 'allowed':
      return ''
    case 'not asked':
      return 'Nothing grants it: no rule of the plugin or of the operator covers it.'
    case 'narrowed':
      return `The plugin asks for it, and the approval narrows ${question.capability} to other targets.`
    case 'expired':
      return `The operator added it until ${why.addition.expires ?? ''}, and that day has come.`
    case 'other package':
      return `It is granted to the code of ${why.packages.join(', ')} only; ask with --package.`
    case 'always denied':
      return `${why.prefix} is closed to this plugin, whatever a policy says.`
    case 'refused':
      return `It is refused: ${why.rule}.`
  }
}

function originLines(
  { why }: Explanation,
  origins: readonly Origin[],
  terminal: Terminal,
): readonly string[] {
  return ruleRows(
    origins.map((origin, index) => [
      labelOf(origin, index, why.kind === 'expired'),
      `"${plainLine(origin.pattern)}"`,
      placeText(origin),
    ]),
    terminal.width,
  )
}

type RuleRow = readonly [label: string, pattern: string, where: string]

/** In columns; where they are wider than the terminal, the place stands below its pattern. */
function ruleRows(rows: readonly RuleRow[], width: number): readonly string[] {
  const widest = (column: 0 | 1 | 2): number => Math.max(0, ...rows.map((row) => widthOf(row[column])))
  const indent = ' '.repeat(2 + widest(0) + 2)
  if (indent.length + widest(1) + 2 + widest(2) <= width)
    return table(
      ['', '', ''],
      rows.map(([label, ...rest]) => [`  ${label}`, ...rest]),
      width,
    ).slice(1)
  return rows.flatMap(([label, pattern, where]) => [
    `  ${label}${' '.repeat(indent.length - 2 - widthOf(label))}${pattern}`,
    ...indented(where, indent, width),
  ])
}

function labelOf({ document }: Origin, index: number, hasExpired: boolean): string {
  if (document === 'policy') return 'asked'
  if (hasExpired) return 'expired'
  return index === 0 ? 'added' : 'narrowed to'
}

function placeText({ preset, file, line, column }: Origin): string {
  const name = preset === null ? shortPath(file) : `preset ${preset}`
  return plainLine(line === null ? name : `${name}:${line}:${column ?? 1}`)
}

/** Where the walls differ about a file. */
function wallLines({ why, secondWall }: Explanation): readonly string[] {
  if (secondWall === 'open' && why.kind !== 'allowed')
    return [
      "The second wall, Node's permission flags, is wider here: its paths know no wildcards and no exceptions, so this file is open to it. The first wall refuses it.",
    ]
  if (secondWall === 'shut' && why.kind === 'allowed')
    return [
      "The second wall, Node's permission flags, stays shut here: what it would have to open holds something that is always denied, or all of the machine. Name a narrower directory.",
    ]
  return []
}

function loadLines({ error, descriptor }: Subject, terminal: Terminal): readonly string[] {
  if (error === null) return []
  const text = `It does not load: ${summaryOf(error)}. ${
    error.code.startsWith('APPROVAL')
      ? `See what it asks for and approve it: bulkhead install ${shortPath(descriptor.dir)}`
      : `See bulkhead policy check ${shortPath(descriptor.dir)}`
  }`
  return indented(plainLine(text), `  `, terminal.width).map(terminal.yellow)
}

export function fixesOf({ subject, question, why }: Explanation): readonly Fix[] {
  const { approvalFile, approval, descriptor } = subject
  const rules = rulesWith(question)
  switch (why.kind) {
    case 'allowed':
    case 'always denied':
    case 'refused':
      return []
    case 'narrowed':
      return [
        {
          text: 'leave it in the narrowing',
          file: approvalFile,
          json: { narrow: narrowedWith(approval?.approval.narrow ?? {}, question) },
        },
      ]
    case 'expired':
      return [
        {
          text: 'give the addition a later day, or none',
          file: approvalFile,
          json: { add: [{ ...why.addition, expires: 'YYYY-MM-DD' }] },
        },
      ]
    case 'other package':
    case 'not asked':
      return [
        {
          text: 'the operator adds it, with the reason',
          file: approvalFile,
          json: { add: [{ grant: rules, reason: 'why this node needs it' }] },
        },
        {
          text: 'the plugin asks for it, and its next version is approved',
          file: `${descriptor.dir}/policy.json`,
          json: { grant: rules },
        },
      ]
  }
}

/** The list that stands in for an answer when no target is given. */
export function ruleLines(
  subject: Subject,
  capability: Capability,
  rules: readonly ListedRule[],
  terminal: Terminal,
): readonly string[] {
  const { bold, red, width } = terminal
  const name = plainLine(subject.descriptor.name)
  if (rules.length === 0)
    return [`${bold(name)}  ${capability}: ${red('nothing')}`, ...loadLines(subject, terminal)]
  const label = { asked: 'asked', narrowed: 'narrowed to', added: 'added' }
  const rows = rules.map((rule): RuleRow => [
    rule.role === 'added' && !rule.grants ? red('expired') : label[rule.role],
    `"${plainLine(rule.pattern)}"`,
    [
      placeText(rule),
      ...(rule.package === null ? [] : [`for ${rule.package} only`]),
      ...(rule.reason === undefined ? [] : [rule.reason]),
      ...(rule.expires === undefined ? [] : [`until ${rule.expires}`]),
    ]
      .map(plainLine)
      .join('; '),
  ])
  return [`${bold(name)}  ${capability}`, ...ruleRows(rows, width), ...loadLines(subject, terminal)]
}
