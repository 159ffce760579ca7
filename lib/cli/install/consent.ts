/** What somebody sees before they say yes: the plugin, what it asks for, what an update changes, what looks wrong. */
import semver from 'semver'
import { describeRequest, type Ask } from '../../policy/describe.js'
import { diffRequests, type RequestDiff } from '../../policy/diff-request.js'
import type { Approval } from '../../policy/document.js'
import type { Finding } from '../../policy/lint/lint.js'
import { shortPath } from '../describe-error.js'
import { plainLine } from '../plain.js'
import { askLines } from '../show-asks.js'
import type { Terminal } from '../terminal.js'
import { indented } from '../text-table.js'
import type { Before, Places } from './before.js'
import type { Candidate } from './candidate.js'
import type { Misplaced } from '../misplaced.js'

export interface Proposal {
  readonly candidate: Candidate
  readonly before: Before
  readonly places: Places
  readonly asks: readonly Ask[]
  /** Against what was approved before; `null` when nothing is known of that. */
  readonly diff: RequestDiff | null
  /** Against the code that was approved; `unknown` when the approval names none. */
  readonly code: 'same' | 'changed' | 'unknown'
  readonly misplaced: readonly Misplaced[]
  /** Of the linter, warnings and errors. */
  readonly findings: readonly Finding[]
  /** Plugins it needs that are not there. */
  readonly lacking: readonly string[]
}

export function proposalOf(
  candidate: Candidate,
  before: Before,
  places: Places,
  seen: Pick<Proposal, 'misplaced' | 'findings'>,
): Proposal {
  const { request, bundle, descriptor } = candidate
  const approved = before.approval?.approves.bundle
  return {
    candidate,
    before,
    places,
    asks: describeRequest(request),
    diff: before.request === null ? null : diffRequests(before.request, request),
    code: approved === undefined ? 'unknown' : approved === bundle.sha256 ? 'same' : 'changed',
    lacking: descriptor.extendedPlugins
      .filter(({ name, optional }) => !optional && !before.others.includes(name))
      .map(({ name }) => name),
    ...seen,
  }
}

export function consentLines(proposal: Proposal, terminal: Terminal): readonly string[] {
  const { candidate, before } = proposal
  const { name, version, description, dir } = candidate.descriptor
  const { bold, dim, width } = terminal
  return [
    `${bold(plainLine(`${name} ${version}`))}${dim(`  ${plainLine(shortPath(dir))}`)}`,
    ...indented(plainLine(description), '  ', width),
    ...(before.isInstalled || before.approval !== null ? ['', ...updateLines(proposal, terminal)] : []),
    '',
    ...(proposal.diff === null
      ? freshLines(proposal.asks, terminal)
      : changeLines(proposal.asks, proposal.diff, terminal)),
    ...warningLines(proposal, terminal),
  ]
}

function freshLines(asks: readonly Ask[], terminal: Terminal): readonly string[] {
  return asks.length === 0
    ? ['It asks for nothing: it can compute, within the default limits.']
    : [terminal.bold('It asks to'), ...askLines(asks, terminal)]
}

function updateLines({ before, code, candidate }: Proposal, terminal: Terminal): readonly string[] {
  const { green, yellow } = terminal
  const kept = keptOf(before.approval)
  return [
    versionLine(before, candidate.descriptor.version, terminal),
    {
      same: `  its code is ${green('the same')}`,
      changed: `  its code ${yellow('has changed')}`,
      unknown: '  its code is not compared: no approval names the code before',
    }[code],
    ...(kept.length === 0 ? [] : [`  kept from the approval: ${kept.join(', ')}`]),
  ]
}

function changeLines(
  asks: readonly Ask[],
  { more, less }: RequestDiff,
  terminal: Terminal,
): readonly string[] {
  const { bold, red, green } = terminal
  const block = (title: string, lines: readonly string[]): readonly string[] =>
    lines.length === 0 ? [] : [title, ...lines]
  if (more.length + less.length === 0)
    return asks.length === 0
      ? [green('It asks for nothing, as before.')]
      : [green('It asks for the same as before, to'), ...askLines(asks, terminal)]
  const still = asks.filter((ask) => !isIn(more, ask))
  return [
    ...block(bold(red('It asks for more, to')), askLines(more, terminal, '+ ')),
    ...block(bold('It no longer asks to'), askLines(less, terminal, '- ')),
    ...block(bold('It still asks to'), askLines(still, terminal)),
  ]
}

function isIn(asks: readonly Ask[], { capability, package: name, pattern }: Ask): boolean {
  return asks.some(
    (other) => other.capability === capability && other.package === name && other.pattern === pattern,
  )
}

function versionLine({ isInstalled, version }: Before, next: string, { bold }: Terminal): string {
  if (!isInstalled) return bold('Not installed, but there is an approval for it')
  if (version === null) return bold('In place of one whose version cannot be read')
  if (version === next) return bold(`In place of the same version ${version}`)
  const older = semver.lt(next, version) ? ', which is older' : ''
  return bold(`In place of ${version}${older}`)
}

/** What of an approval outlives an update, as short texts. */
export function keptOf(approval: Approval | null): readonly string[] {
  if (approval === null) return []
  const { narrow, add = [], limits = {}, approves } = approval
  const count = (what: string, many: number): string => `${many} ${what}${many === 1 ? '' : 's'}`
  return [
    ...(narrow === undefined ? [] : [`narrowing of ${Object.keys(narrow).join(', ')}`]),
    ...(add.length === 0 ? [] : [count('addition', add.length)]),
    ...(Object.keys(limits).length === 0 ? [] : [count('limit', Object.keys(limits).length)]),
    ...(approves.acceptUpdates === 'none' ? [] : ['updates of code are accepted']),
  ]
}

const MOST_FINDINGS = 5

function warningLines({ misplaced, findings, lacking }: Proposal, terminal: Terminal): readonly string[] {
  // What to write instead is for its author; policy check says it.
  const worstFirst = findings.toSorted(
    (a, b) => Number(b.severity === 'error') - Number(a.severity === 'error'),
  )
  const shown = worstFirst.slice(0, MOST_FINDINGS)
  const hidden = findings.length - shown.length
  const texts = [
    ...misplaced.map(({ path, message, remedy }) => `${path}: ${message}; ${remedy}`),
    ...lacking.map((name) => `it needs the plugin ${name}, which is not installed`),
    ...shown.map(({ file, line, message }) => {
      const place = line === null ? shortPath(file) : `${shortPath(file)}:${line}`
      return `${place}: ${message}`
    }),
    ...(hidden === 0 ? [] : [`${hidden} more; see bulkhead policy check`]),
  ]
  if (texts.length === 0) return []
  const lines = texts.flatMap((text) => {
    const [first = '', ...more] = indented(plainLine(text), '    ', terminal.width)
    return [`  ${terminal.yellow('!')} ${first.slice(4)}`, ...more]
  })
  return ['', terminal.bold('Look at'), ...lines]
}
