/** `bulkhead list DIR`: what the plugins of a directory are, ask for and lack, without starting one. */
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { realPathOf } from '../node-powers.js'
import { CAPABILITIES, patternsOf } from '../policy/capability.js'
import type { PolicyRequest } from '../policy/document.js'
import { errorJson, errorLines, shortPath } from './describe-error.js'
import { EXIT, EXIT_CODES_HELP, type ExitCode } from './exit-code.js'
import type { ApprovalStatus, Inspected } from './inspect-plugins.js'
import { DEFAULT_NODE_VERSION } from './node-version.js'
import { plainLine } from './plain.js'
import { writeJson, type Terminal } from './terminal.js'
import { indented } from './text-table.js'

interface ListOptions {
  readonly policies?: string
  readonly nodeVersion: string
  readonly json?: true
}

export function addList(program: Command, terminal: Terminal, exit: (code: ExitCode) => void): void {
  program
    .command('list')
    .summary('show the plugins of a directory without starting any')
    .description(
      'Shows every plugin of a directory: version, what it provides, what it asks for, whether that is\n' +
        'approved, and every fault with file, place and remedy. No code of a plugin is run.',
    )
    .argument('<dir>', "plugins directory (one directory a plugin), or one plugin's own directory")
    .option('--policies <dir>', "the operator's approvals, one <plugin>.json each")
    .option('--node-version <version>', 'version of the search node', DEFAULT_NODE_VERSION)
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Examples:
  bulkhead list plugins --policies policies
  bulkhead list plugins --json | jq '.plugins[].name'

Exits with 1 when a plugin has faults or no approval that covers it.
${EXIT_CODES_HELP}`,
    )
    .action(async (dir: string, options: ListOptions) => exit(await list(dir, options, terminal)))
}

async function list(dir: string, options: ListOptions, terminal: Terminal): Promise<ExitCode> {
  const pluginsDir = realPathOf(resolve(dir))
  const policiesDir = options.policies === undefined ? undefined : resolve(options.policies)
  const { inspectPlugins } = await import('./inspect-plugins.js') // what help does not need is loaded late
  const plugins = await inspectPlugins({ pluginsDir, policiesDir, nodeVersion: options.nodeVersion })
  const ok = plugins.every(({ error }) => error === null)
  if (options.json) {
    writeJson({ ok, pluginsDir, policiesDir: policiesDir ?? null, plugins: plugins.map(toJson) })
  } else {
    for (const plugin of plugins) {
      for (const line of describe(plugin, terminal, policiesDir)) terminal.line(line)
      terminal.line()
    }
    terminal.line(summary(plugins, dir, terminal))
  }
  return ok ? EXIT.fine : EXIT.finding
}

function describe(
  { name, descriptor, request, approval, error }: Inspected,
  terminal: Terminal,
  policiesDir: string | undefined,
): readonly string[] {
  const { bold, dim, width } = terminal
  const version = descriptor === null ? '' : ` ${descriptor.version}`
  const row = (label: string, text: string): readonly string[] => {
    const [first = '', ...more] = indented(text, ' '.repeat(12), width)
    return [`  ${label.padEnd(10)}${first.slice(12)}`, ...more]
  }
  return [
    `${bold(plainLine(name) + version)}${descriptor === null ? '' : dim(`  ${plainLine(shortPath(descriptor.dir))}`)}`,
    ...(descriptor === null ? [] : indented(plainLine(descriptor.description), '  ', width)),
    ...(descriptor === null
      ? []
      : row('provides', descriptor.provides.length === 0 ? 'not declared' : descriptor.provides.join(' '))),
    ...(descriptor === null
      ? []
      : asksFor(request).flatMap((line, index) => row(index === 0 ? 'asks for' : '', line))),
    ...row('approval', approvalText(approval, terminal)),
    ...(error === null ? [] : errorLines(error, terminal, { policiesDir }, '  ')),
  ]
}

/** One line a capability, then the limits. */
function asksFor(request: PolicyRequest | null): readonly string[] {
  if (request === null) return ['nothing but compute']
  const lines = CAPABILITIES.flatMap((capability) => {
    const patterns = patternsOf(request.grant, capability) ?? []
    return patterns.length === 0 ? [] : [`${capability} ${plainLine(patterns.join(' '))}`]
  })
  const limits = Object.entries(request.limits ?? {}).map(([key, value]) => `${key}=${value}`)
  const all = limits.length === 0 ? lines : [...lines, `limits ${limits.join(' ')}`]
  return all.length === 0 ? ['nothing but compute'] : all
}

function approvalText(status: ApprovalStatus, { green, red }: Terminal): string {
  switch (status) {
    case 'approved':
      return green('approved')
    case 'not needed':
      return green('not needed')
    case 'missing':
      return red('missing')
    case 'outdated':
      return red('outdated: it is for another request or other code')
    case 'invalid':
      return red('has faults')
    case 'unknown':
      return 'not looked at: the faults come first'
  }
}

function summary(plugins: readonly Inspected[], dir: string, { green, red }: Terminal): string {
  if (plugins.length === 0) return `no plugins in ${plainLine(dir)}`
  const waiting = plugins.filter(({ approval }) => approval === 'missing' || approval === 'outdated').length
  const faulty = plugins.filter(({ error }) => error !== null).length - waiting
  const parts = [
    `${plugins.length} plugin${plugins.length === 1 ? '' : 's'}`,
    green(`${plugins.length - faulty - waiting} ready`),
    ...(waiting === 0 ? [] : [red(`${waiting} not approved`)]),
    ...(faulty === 0 ? [] : [red(`${faulty} with faults`)]),
  ]
  return parts.join(', ')
}

function toJson({ name, descriptor, request, approval, error }: Inspected): object {
  return {
    name,
    version: descriptor?.version ?? null,
    description: descriptor?.description ?? null,
    dir: descriptor?.dir ?? null,
    searchNode: descriptor?.searchNode ?? null,
    extendedPlugins: descriptor?.extendedPlugins ?? [],
    provides: descriptor?.provides ?? [],
    asksFor: request === null ? null : { grant: request.grant, limits: request.limits ?? {} },
    approval,
    error: error === null ? null : errorJson(error),
  }
}
