/**
 * `bulkhead install DIR`: shows what a plugin asks for, asks for consent, copies it into
 * the plugins directory and writes its approval. Nothing of the plugin runs, no script
 * of npm either; without a yes nothing is changed.
 */
import { resolve } from 'node:path'
import process from 'node:process'
import { Option, type Command } from 'commander'
import { realPathOf } from '../node-powers.js'
import { canAsk, confirm } from './confirm.js'
import { shortPath } from './describe-error.js'
import { EXIT, EXIT_CODES_HELP, type ExitCode } from './exit-code.js'
import type { Installed } from './install/apply.js'
import type { Proposal } from './install/consent.js'
import { DEFAULT_NODE_VERSION } from './node-version.js'
import { plainLine } from './plain.js'
import { riskCounts } from './show-asks.js'
import { writeJson, type Terminal } from './terminal.js'
import { indented } from './text-table.js'

export interface InstallOptions {
  readonly plugins: string
  readonly policies: string
  readonly yes?: true
  readonly dryRun?: true
  readonly acceptUpdates?: 'none' | 'code'
  readonly nodeVersion: string
  readonly json?: true
}

type Outcome = 'installed' | 'updated' | 'declined' | 'not asked' | 'dry run'

export function addInstall(program: Command, terminal: Terminal, exit: (code: ExitCode) => void): void {
  program
    .command('install')
    .summary('show what a plugin asks for, and install and approve it')
    .description(
      'Shows what a plugin asks for and what looks wrong, asks whether to go on, copies its directory into\n' +
        'the plugins directory and writes the approval. Of an update it shows what changes, and keeps what\n' +
        'the operator narrowed and added. Nothing of the plugin runs, and no script of npm.',
    )
    .argument('<dir>', "the plugin's directory, with its node_modules")
    .option('--plugins <dir>', 'plugins directory of the node', 'plugins')
    .option('--policies <dir>', "the operator's approvals, one <plugin>.json each", 'policies')
    .option('-y, --yes', 'install without asking')
    .option('--dry-run', 'show everything and change nothing')
    .addOption(
      new Option('--accept-updates <kind>', "'code': later code is accepted that asks for no more").choices([
        'none',
        'code',
      ]),
    )
    .option('--node-version <version>', 'version of the search node', DEFAULT_NODE_VERSION)
    .option('--json', 'print one JSON document; asks nothing, so it needs --yes or --dry-run')
    .addHelpText(
      'after',
      `
Examples:
  bulkhead install ../repository-s3
  bulkhead install ../repository-s3 --plugins /etc/node/plugins --policies /etc/node/policies --yes

Exits with 1, and changes nothing, when the answer is no or when nobody can be asked: without a
terminal it needs --yes.
${EXIT_CODES_HELP}`,
    )
    .action(async (dir: string, options: InstallOptions) => exit(await install(dir, options, terminal)))
}

async function install(dir: string, options: InstallOptions, terminal: Terminal): Promise<ExitCode> {
  const { dryRun = false, yes = false, json = false } = options
  const [{ propose }, { apply }, { consentLines }] = await Promise.all([
    import('./install/propose.js'), // what help does not need is loaded late
    import('./install/apply.js'),
    import('./install/consent.js'),
  ])
  const proposal = await propose(dir, {
    pluginsDir: realPathOf(resolve(options.plugins)),
    policiesDir: realPathOf(resolve(options.policies)),
    nodeVersion: options.nodeVersion,
    dryRun,
  })
  if (!json) {
    for (const line of consentLines(proposal, terminal)) terminal.line(line)
    terminal.line()
  }
  const answer = dryRun ? 'dry run' : yes ? 'yes' : json || !canAsk() ? 'not asked' : await ask(proposal)
  if (answer !== 'yes') {
    report(answer, proposal, null, options, terminal)
    return answer === 'dry run' ? EXIT.fine : EXIT.finding
  }
  const installed = await interruptible((signal) =>
    apply(proposal, { signal, nodeVersion: options.nodeVersion, acceptUpdates: options.acceptUpdates }),
  )
  report(proposal.before.isInstalled ? 'updated' : 'installed', proposal, installed, options, terminal)
  return EXIT.fine
}

async function ask({ candidate, before, asks }: Proposal): Promise<'yes' | 'declined'> {
  const { name, version } = candidate.descriptor
  const what = `${before.isInstalled ? 'Update to' : 'Install'} ${name} ${version}`
  // Of a long list the first lines, which are the risky ones, are out of sight by now.
  const question = `${what} and approve what it asks for (${riskCounts(asks)})?`
  return (await confirm(asks.length === 0 ? `${what}?` : question)) ? 'yes' : 'declined'
}

/** Ctrl-C gives up the copy; once the new directory is being put in place it is put there. */
async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController()
  const stop = (): void => controller.abort(new Error('it was interrupted; nothing is changed'))
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.on(signal, stop)
  try {
    return await work(controller.signal)
  } finally {
    for (const signal of signals) process.off(signal, stop)
  }
}

function report(
  outcome: Outcome,
  proposal: Proposal,
  installed: Installed | null,
  { json }: InstallOptions,
  terminal: Terminal,
): void {
  if (json) return writeJson(toJson(outcome, proposal, installed))
  const { line, green, dim, bold } = terminal
  const { places, candidate } = proposal
  const { name, version } = candidate.descriptor
  switch (outcome) {
    case 'installed':
    case 'updated':
      line(
        green(`${outcome === 'updated' ? 'Updated' : 'Installed'} ${bold(plainLine(`${name} ${version}`))}`),
      )
      line(dim(`  plugin    ${plainLine(shortPath(places.target))}`))
      line(dim(`  approval  ${plainLine(shortPath(places.approvalFile))}`))
      for (const link of installed?.leftOut ?? [])
        line(`  ${terminal.yellow('!')} not copied, for it leads out of the directory: ${plainLine(link)}`)
      return
    case 'declined':
      return line('Not installed; nothing is changed.')
    case 'not asked':
      return line(`Not installed, for nobody can be asked here. To install it: ${bold('--yes')}`)
    case 'dry run': {
      const [to, approval] = [shortPath(places.target), shortPath(places.approvalFile)]
      const text = `Nothing is changed. It would go to ${to}, its approval to ${approval}.`
      for (const each of indented(plainLine(text), '', terminal.width)) line(each)
    }
  }
}

function toJson(outcome: Outcome, proposal: Proposal, installed: Installed | null): object {
  const { candidate, before, places, asks, diff, code, misplaced, findings, lacking } = proposal
  const { name, version, description, dir } = candidate.descriptor
  return {
    ok: outcome === 'installed' || outcome === 'updated' || outcome === 'dry run',
    outcome,
    plugin: { name, version, description },
    from: dir,
    dir: places.target,
    approvalFile: places.approvalFile,
    asks,
    update:
      before.isInstalled || before.approval !== null
        ? { version: before.version, code, more: diff?.more ?? null, less: diff?.less ?? null }
        : null,
    misplaced,
    findings,
    lacking,
    approval: installed?.approval ?? null,
    leftOut: installed?.leftOut ?? [],
  }
}
