/** `bulkhead policy explain PLUGIN CAPABILITY [TARGET]`: may it, by which rule, and what to write so that it may. */
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { realPathOf } from '../../node-powers.js'
import { errorJson } from '../describe-error.js'
import { EXIT, EXIT_CODES_HELP, type ExitCode } from '../exit-code.js'
import { DEFAULT_NODE_VERSION } from '../node-version.js'
import { writeJson, type Terminal } from '../terminal.js'
import type { Explanation } from './show-explanation.js'
import type { Subject } from './subject.js'

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
  const [{ capabilityOf, questionOf }, { readSubject }, { originOf }, { whyOf, secondWall }, show] =
    await Promise.all([
      import('./target.js'), // what help does not need is loaded late
      import('./subject.js'),
      import('./origin.js'),
      import('./why.js'),
      import('./show-explanation.js'),
    ])
  const capability = capabilityOf(capabilityText)
  const dataDir = realPathOf(resolve(options.data))
  const subject = await readSubject(plugin, {
    pluginsDir: realPathOf(resolve(options.plugins)),
    policiesDir: realPathOf(resolve(options.policies)),
    dataDir,
    nodeVersion: options.nodeVersion,
  })
  if (target === undefined) {
    const { rulesOf } = await import('./rules-of.js')
    const rules = rulesOf(subject, capability)
    if (options.json) writeJson({ plugin: subject.descriptor.name, capability, ...loading(subject), rules })
    else for (const line of show.ruleLines(subject, capability, rules, terminal)) terminal.line(line)
    return rules.some(({ grants }) => grants) && subject.error === null ? EXIT.fine : EXIT.finding
  }
  const { name, dir } = subject.descriptor
  const question = questionOf(capability, target, { home: dir, data: join(dataDir, name) }, options.package)
  const why = whyOf(subject.grant, subject.unexpired, question)
  const explanation: Explanation = {
    subject,
    question,
    why,
    origins: 'rules' in why ? why.rules.map((rule) => originOf(rule, subject)) : [],
    secondWall: secondWall(subject.grant, question),
  }
  if (options.json) writeJson({ ...toJson(explanation), fixes: show.fixesOf(explanation) })
  else for (const line of show.explanationLines(explanation, terminal)) terminal.line(line)
  return why.kind === 'allowed' && subject.error === null ? EXIT.fine : EXIT.finding
}

function loading({ error }: Subject): object {
  return { loads: error === null, error: error === null ? null : errorJson(error) }
}

function toJson({ subject, question, why, origins, secondWall }: Explanation): object {
  return {
    plugin: subject.descriptor.name,
    capability: question.capability,
    target: question.target,
    allowed: why.kind === 'allowed' && subject.error === null,
    /** What the rules say, whether or not the plugin loads. */
    why: why.kind,
    ...loading(subject),
    rules: origins,
    ...(why.kind === 'expired' ? { expires: why.addition.expires } : {}),
    ...(why.kind === 'always denied' ? { prefix: why.prefix } : {}),
    ...(why.kind === 'other package' ? { packages: why.packages } : {}),
    secondWall,
  }
}
