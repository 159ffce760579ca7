/** `bulkhead audit DIR`: everything a plugin can reach with its grant, crawled; what it must not reach is a finding. */
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { PluginError } from '../errors.js'
import { realPathOf } from '../node-powers.js'
import { FINDING_KINDS, type AuthorityReport, type FindingKind } from '../protocol/authority.js'
import { EXIT, EXIT_CODES_HELP, type ExitCode } from './exit-code.js'
import { DEFAULT_NODE_VERSION } from './node-version.js'
import { plainLine } from './plain.js'
import { writeJson, type Terminal } from './terminal.js'
import { indented } from './text-table.js'

interface AuditCommandOptions {
  readonly policies?: string
  readonly nodeVersion: string
  readonly json?: true
}

export function addAudit(program: Command, terminal: Terminal, exit: (code: ExitCode) => void): void {
  program
    .command('audit')
    .summary('crawl what a plugin can reach, and say what it must not')
    .description(
      'Starts a plugin in a process of its own, with its own grant, and follows everything it can reach:\n' +
        'globals, modules, what calls and callbacks give, errors, prototypes. An object of the host, one\n' +
        'that is shared and can be changed, and a path of the host are findings. The plugin runs.',
    )
    .argument('<dir>', "the plugin's directory")
    .option('--policies <dir>', "the operator's approvals; without it what the plugin asks for is audited")
    .option('--node-version <version>', 'version of the search node', DEFAULT_NODE_VERSION)
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Examples:
  bulkhead audit my-plugin
  bulkhead audit plugins/my-plugin --policies policies --json

Exits with 1 when there is a finding.
${EXIT_CODES_HELP}`,
    )
    .action(async (dir: string, options: AuditCommandOptions) => exit(await audit(dir, options, terminal)))
}

async function audit(dir: string, options: AuditCommandOptions, terminal: Terminal): Promise<ExitCode> {
  // What help does not need is loaded late.
  const [{ findPlugin }, { runAudit }] = await Promise.all([
    import('./find-plugin.js'),
    import('./audit/run-audit.js'),
  ])
  const { nodeVersion } = options
  const policiesDir = options.policies === undefined ? undefined : realPathOf(resolve(options.policies))
  const descriptor = await findPlugin(dir, nodeVersion)
  const report = await runAudit(descriptor, { policiesDir, nodeVersion })
  const { findings, complete } = report
  const ok = complete && findings.length === 0
  if (!complete && findings.length === 0)
    throw new PluginError('COMMAND_FAILED', {
      message: 'the crawl came to its bounds before it had seen everything, so nothing found means nothing',
    })
  if (options.json) writeJson({ ok, plugin: descriptor.name, ...report })
  else showReport(descriptor.name, report, terminal)
  return ok ? EXIT.fine : EXIT.finding
}

function showReport(plugin: string, report: AuthorityReport, terminal: Terminal): void {
  const { line, bold, dim, red, green, width } = terminal
  const { objects, functions, modules, exports, findings } = report
  line(`${bold('What it can reach')}  ${plainLine(plugin)}`)
  line(dim(`${objects} objects, ${functions} of them functions, by every way that was found`))
  line(
    dim(
      `${modules.length} modules; ${exports.worked} of their ${exports.all} functions worked with this grant`,
    ),
  )
  line()
  for (const kind of Object.keys(FINDING_KINDS) as FindingKind[]) {
    const own = findings.filter((finding) => finding.kind === kind)
    if (own.length === 0) continue
    for (const text of indented(`${red(kind)}  ${FINDING_KINDS[kind]}`, '', width)) line(text)
    for (const { path, what } of own) {
      line(`  ${plainLine(path)}`)
      for (const text of indented(plainLine(what), '    ', width)) line(text)
    }
    line()
  }
  const count = findings.length === 1 ? '1 finding' : `${findings.length} findings`
  line(findings.length === 0 ? green('Nothing that it must not reach.') : red(count))
}
