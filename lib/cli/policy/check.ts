/** `bulkhead policy check PATH...`: every fault and finding of policies, approvals and plugins, a line each. */
import { resolve } from 'node:path'
import { Option, type Command } from 'commander'
import { realPathOf } from '../../node-powers.js'
import { EXIT, EXIT_CODES_HELP, type ExitCode } from '../exit-code.js'
import { DEFAULT_NODE_VERSION } from '../node-version.js'
import { writeJson, type Terminal } from '../terminal.js'
import type { CheckLine, Severity } from './check-line.js'

interface CheckCommandOptions {
  readonly policies?: string
  readonly severity: Severity
  readonly nodeVersion: string
  readonly json?: true
}

export function addCheck(policy: Command, terminal: Terminal, exit: (code: ExitCode) => void): void {
  policy
    .command('check')
    .summary('look for faults and for what is wider than it should be')
    .description(
      'Checks policies, approvals, Java policies and plugins: faults, and rules that are wider than meant,\n' +
        'useless or dangerous. Of a plugin what its code imports is held against what it asks for; it is\n' +
        'bundled for that, and not run.',
    )
    .argument(
      '<path...>',
      'policy.json, approval or .policy files, plugin directories, or directories of these',
    )
    .option('--policies <dir>', "the operator's approvals, to check with the plugins")
    .addOption(
      new Option('--severity <least>', 'show nothing less')
        .choices(['info', 'warning', 'error'])
        .default('info'),
    )
    .option('--node-version <version>', 'version of the search node', DEFAULT_NODE_VERSION)
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Examples:
  bulkhead policy check my-plugin
  bulkhead policy check plugins policies --severity warning
  bulkhead policy check plugin-security.policy

Exits with 1 when there is an error or a warning that is shown.
${EXIT_CODES_HELP}`,
    )
    .action(async (paths: readonly string[], options: CheckCommandOptions) =>
      exit(await checkAll(paths, options, terminal)),
    )
}

async function checkAll(
  paths: readonly string[],
  options: CheckCommandOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const [{ check, subjectsAt }, { SEVERITIES, countText, inOrder, textOf }] = await Promise.all([
    import('./check-file.js'), // what help does not need is loaded late
    import('./check-line.js'),
  ])
  const policiesDir = options.policies === undefined ? undefined : realPathOf(resolve(options.policies))
  const subjects = (await Promise.all(paths.map(subjectsAt))).flat()
  const findings: CheckLine[] = []
  // One after the other: each plugin is bundled in a process of its own.
  for (const subject of subjects)
    findings.push(...inOrder(await check(subject, { policiesDir, nodeVersion: options.nodeVersion })))
  const least = SEVERITIES.indexOf(options.severity)
  const shown = findings.filter(({ severity }) => SEVERITIES.indexOf(severity) <= least)
  const ok = shown.every(({ severity }) => severity === 'info')
  if (options.json) {
    writeJson({ ok, checked: subjects, findings: shown })
  } else {
    for (const finding of shown) terminal.line(textOf(finding, terminal))
    if (shown.length > 0) terminal.line()
    const said = shown.length === 0 ? terminal.green('nothing found') : countText(shown)
    terminal.line(`${subjects.length} checked: ${said}`)
  }
  return ok ? EXIT.fine : EXIT.finding
}
