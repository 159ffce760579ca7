/** `bulkhead policy explain PLUGIN CAPABILITY [TARGET]`: may it, by which rule, and what to write so that it may. */
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { realPathOf } from '../../node-powers.js'
import { EXIT, EXIT_CODES_HELP, type ExitCode } from '../exit-code.js'
import { DEFAULT_NODE_VERSION } from '../node-version.js'
import { writeJson, type Terminal } from '../terminal.js'

interface ExplainOptions {
  readonly plugins: string
  readonly policies: string
  readonly data: string
  readonly package?: string
  readonly nodeVersion: string
  readonly json?: true
}

export function addExplain(policy: Command, terminal: Terminal, exit: (code: ExitCode) => void): void {
  policy
    .command('explain')
    .summary('say whether a plugin may do something, and why')
    .description(
      'Says whether a plugin may do something, and which rule decides in which line of which file; for a\n' +
        'no, what to write so that it may. Without a target it lists every rule of the capability.',
    )
    .argument('<plugin>', "the plugin's name in the plugins directory, or its directory")
    .argument('<capability>', 'such as net.connect, fs.read, env, settings, extensionPoints')
    .argument('[target]', 'such as s3.eu-west-1.amazonaws.com:443, /etc/hosts, AWS_REGION')
    .option('--plugins <dir>', 'plugins directory of the node', 'plugins')
    .option('--policies <dir>', "the operator's approvals, one <plugin>.json each", 'policies')
    .option('--data <dir>', "directory of the plugins' data, for ${plugin.data}", 'data')
    .option('--package <name>', 'ask for the code of this npm package in the plugin')
    .option('--node-version <version>', 'version of the search node', DEFAULT_NODE_VERSION)
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Examples:
  bulkhead policy explain repository-s3 net.connect s3.eu-west-1.amazonaws.com:443
  bulkhead policy explain repository-s3 fs.read '\${plugin.home}/regions.json'
  bulkhead policy explain repository-s3 env

Exits with 0 when the plugin may, with 1 when it may not or does not load.
${EXIT_CODES_HELP}`,
    )
    .action(async (plugin: string, capability: string, target: string | undefined, options: ExplainOptions) =>
      exit(await explain(plugin, capability, target, options, terminal)),
    )
}

async function explain(
  plugin: string,
  capabilityText: string,
  target: string | undefined,
  options: ExplainOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const [{ capabilityOf }, { readSubject }, { answerTo }] = await Promise.all([
    import('./target.js'), // what help does not need is loaded late
    import('./subject.js'),
    import('./answer.js'),
  ])
  const capability = capabilityOf(capabilityText)
  const dataDir = realPathOf(resolve(options.data))
  const subject = await readSubject(plugin, {
    pluginsDir: realPathOf(resolve(options.plugins)),
    policiesDir: realPathOf(resolve(options.policies)),
    dataDir,
    nodeVersion: options.nodeVersion,
  })
  const { yes, json, lines } = answerTo(subject, { capability, target, dataDir, package: options.package })
  if (options.json) writeJson(json)
  else for (const line of lines(terminal)) terminal.line(line)
  return yes ? EXIT.fine : EXIT.finding
}
