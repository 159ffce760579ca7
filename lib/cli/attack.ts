/**
 * `bulkhead attack [DIR]`: runs the attacks of lib/attack against a node that lives in
 * this process, with the operator's plugins beside if a directory is given, and shows
 * what became of each attacker and what the node felt.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { Option, type Command } from 'commander'
import { CHAPTER_NAMES, type AttackCase } from '../attack/attack-case.js'
import type { Verdict } from '../attack/judge.js'
import type { OwnNode, Stand } from '../attack/stand.js'
import { PluginError } from '../errors.js'
import { realPathOf } from '../node-powers.js'
import { nearest } from '../policy/suggest.js'
import type { Isolation } from '../supervisor/options.js'
import { EXIT, EXIT_CODES_HELP, type ExitCode } from './exit-code.js'
import { DEFAULT_NODE_VERSION } from './node-version.js'
import { writeJson, type Terminal } from './terminal.js'
import { indented, table } from './text-table.js'

interface AttackOptions {
  readonly case?: readonly string[]
  readonly chapter?: readonly string[]
  readonly smoke?: true
  readonly runs: number
  readonly isolation: Isolation
  readonly policies?: string
  readonly trust?: true
  readonly nodeVersion: string
  readonly json?: true
}

export function addAttack(program: Command, terminal: Terminal, exit: (code: ExitCode) => void): void {
  const collect = (one: string, before: readonly string[] = []): readonly string[] => [...before, one]
  program
    .command('attack')
    .summary('attack a node with hostile plugins and show that it does not notice')
    .description(
      'Runs plugins that leak, loop, flood, lie and hang, one after the other, in a node that answers\n' +
        'searches all the while, and prints what became of each and what the node felt of it.',
    )
    .argument('[dir]', "plugins directory whose plugins run beside, as 'bulkhead run' takes it")
    .option('--policies <dir>', "the operator's approvals of those plugins, one <plugin>.json each")
    .option('--trust', 'approve each of those plugins as it stands')
    .option('--case <name>', 'only this attack; may be repeated', collect)
    .option('--chapter <name>', 'only the attacks of this chapter; may be repeated', collect)
    .option('--smoke', 'only the few that tell the most')
    .option('--runs <number>', 'runs of each attack; the median counts', runsOf, 1)
    .addOption(
      new Option('--isolation <kind>', "'thread' runs each attack in a node of its own, which may end")
        .choices(['process', 'thread'])
        .default('process'),
    )
    .option('--node-version <version>', 'version of the search node', DEFAULT_NODE_VERSION)
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Chapters:
  ${CHAPTER_NAMES.slice(0, 6).join(', ')},
  ${CHAPTER_NAMES.slice(6).join(', ')}

Takes some minutes, two cores and about 500 MiB of memory.
Ctrl-C stops after the attack under way, a second one at once.
Exits with 1 when an attack was not contained, or when the node was touched: a search without an
answer or of more than a second, memory that stays, anything left over, another plugin disturbed.
${EXIT_CODES_HELP}`,
    )
    .action(async (dir: string | undefined, options: AttackOptions) =>
      exit(await attack(dir, options, terminal)),
    )
}

/** Exit code of the shell for a program that SIGINT ended. */
const INTERRUPTED = 130

function runsOf(text: string): number {
  const runs = Number(text)
  if (Number.isInteger(runs) && runs >= 1 && runs <= 100) return runs
  throw new PluginError('CONFIG_INVALID', {
    option: '--runs',
    value: text,
    remedy: 'a whole number from 1 to 100',
  })
}

async function attack(
  dir: string | undefined,
  options: AttackOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  // What help does not need is loaded late.
  const [{ ATTACKS }, { setStand }, { runSuite, runSuiteThrowaway }] = await Promise.all([
    import('../attack/cases/index.js'),
    import('../attack/stand.js'),
    import('../attack/suite.js'),
  ])
  const attacks = chosen(ATTACKS, options)
  const stopping = new AbortController()
  const stop = (): void => {
    // The plugins' processes end with this one.
    if (stopping.signal.aborted) process.exit(INTERRUPTED)
    stopping.abort()
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop)
  const dataDir = await mkdtemp(join(tmpdir(), 'bulkhead-attack-data-'))
  let stand: Stand | undefined
  try {
    const own = dir === undefined ? undefined : await ownNode(dir, dataDir, options)
    const suite = {
      runs: options.runs,
      signal: stopping.signal,
      ...progress(attacks, terminal),
    }
    let verdicts: readonly Verdict[]
    if (options.isolation === 'thread') {
      verdicts = await runSuiteThrowaway(attacks, options.nodeVersion, own, suite)
    } else {
      stand = await setStand(options.isolation, options.nodeVersion, own)
      verdicts = await runSuite(attacks, stand, suite)
    }
    await report(verdicts, options, terminal)
    if (verdicts.length < attacks.length) {
      terminal.note(terminal.yellow(`stopped after ${verdicts.length} of ${attacks.length} attacks`))
      return EXIT.failed
    }
    return verdicts.every(({ contained }) => contained) ? EXIT.fine : EXIT.finding
  } finally {
    await stand?.close()
    await rm(dataDir, { recursive: true, force: true })
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, stop)
  }
}

function chosen(
  attacks: readonly AttackCase[],
  { case: names = [], chapter: chapters = [], smoke }: AttackOptions,
): readonly AttackCase[] {
  const unknown = names.find((name) => !attacks.some((one) => one.name === name))
  if (unknown !== undefined) throw noSuch('--case', unknown, closeTo(unknown, attacks))
  const nowhere = chapters.find((name) => !CHAPTER_NAMES.some((known) => known === name))
  if (nowhere !== undefined) throw noSuch('--chapter', nowhere, `one of ${CHAPTER_NAMES.join(', ')}`)
  const all = names.length === 0 && chapters.length === 0
  const few = attacks.filter(
    (one) =>
      (all || names.includes(one.name) || chapters.includes(one.chapter)) &&
      (smoke !== true || one.smoke === true),
  )
  if (few.length === 0) throw noSuch('--smoke', 'true', 'none of the attacks you named is among the few')
  return few
}

/** Those that hold the word, else the nearest; all of them are too many for a line. */
function closeTo(name: string, attacks: readonly AttackCase[]): string {
  const known = attacks.map((one) => one.name)
  const holding = known.filter((one) => one.includes(name))
  if (holding.length > 0) return `one of ${holding.join(', ')}`
  const near = nearest(name, known)
  return near === undefined ? 'docs/attack.md lists the attacks' : `did you mean '${near}'?`
}

function noSuch(option: string, value: string, remedy: string): PluginError {
  return new PluginError('CONFIG_INVALID', { option, value, remedy })
}

async function ownNode(dir: string, dataDir: string, options: AttackOptions): Promise<OwnNode> {
  const { MockCluster } = await import('../testing/mock-cluster.js')
  return {
    options: {
      pluginsDir: realPathOf(resolve(dir)),
      dataDir,
      nodeVersion: options.nodeVersion,
      isolation: options.isolation,
      clusterState: new MockCluster({ nodes: 1 }),
      ...(options.policies === undefined ? {} : { policiesDir: resolve(options.policies) }),
    },
    approveAll: options.trust === true,
  }
}

/** One line beside the result, written over again; only where a person looks. */
function progress(
  attacks: readonly AttackCase[],
  terminal: Terminal,
): { readonly onBegin?: (attack: AttackCase) => void; readonly onVerdict?: (verdict: Verdict) => void } {
  if (process.stderr.isTTY !== true) return {}
  let begun = 0
  const clear = '\r\u001b[K'
  return {
    onBegin: ({ chapter, name }) => {
      begun += 1
      process.stderr.write(`${clear}${begun}/${attacks.length} ${chapter}: ${name}`)
    },
    onVerdict: (verdict) => {
      process.stderr.write(clear)
      if (verdict.contained) return
      terminal.note(`${terminal.red('not contained')}  ${verdict.case.name}: ${verdict.why.join('; ')}`)
    },
  }
}

async function report(
  verdicts: readonly Verdict[],
  { json, isolation, runs }: AttackOptions,
  terminal: Terminal,
): Promise<void> {
  const { rowOf, summaryOf, TITLES, toJson } = await import('../attack/table.js')
  const contained = verdicts.filter((verdict) => verdict.contained).length
  if (json === true) {
    writeJson({
      ok: contained === verdicts.length,
      node: process.versions.node,
      isolation,
      runs,
      attacks: verdicts.length,
      contained,
      touched: verdicts.filter(({ touched }) => touched).length,
      cases: verdicts.map(toJson),
    })
    return
  }
  const { line, dim, bold, red, green, width } = terminal
  for (const chapter of CHAPTER_NAMES) {
    const own = verdicts.filter(({ case: { chapter: its } }) => its === chapter)
    if (own.length === 0) continue
    line(bold(chapter))
    const [head = '', ...rows] = table(TITLES, own.map(rowOf), Math.max(width, 140))
    line(dim(head))
    for (const row of rows) line(row)
    line()
  }
  for (const { case: attack, why } of verdicts.filter((verdict) => !verdict.contained)) {
    line(`${red('not contained')}  ${attack.name}`)
    for (const each of why) for (const text of indented(each, '  ', width)) line(text)
  }
  const paint = contained === verdicts.length ? green : red
  for (const text of indented(summaryOf(verdicts), '', width)) line(paint(text))
}
