/** `bulkhead create NAME`: a new plugin that works at once. Never writes over anything. */
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { Command } from 'commander'
import { PluginError } from '../errors.js'
import { shortPath } from './describe-error.js'
import { EXIT, EXIT_CODES_HELP, type ExitCode } from './exit-code.js'
import { DEFAULT_NODE_VERSION } from './node-version.js'
import { templateFiles } from './template.js'
import { writeJson, type Terminal } from './terminal.js'

interface CreateOptions {
  readonly dir: string
  readonly json?: true
}

export function addCreate(program: Command, terminal: Terminal, exit: (code: ExitCode) => void): void {
  program
    .command('create')
    .summary('write a new plugin that works at once')
    .description(
      'Writes a plugin in TypeScript: plugin.json, policy.json, index.ts, a test with a mock cluster,\n' +
        'package.json, tsconfig.json and a README. Its test needs nothing but Node and Bulkhead.',
    )
    .argument('<name>', 'lower-case words of letters and digits joined by "-", such as repository-s3')
    .option('--dir <dir>', 'directory to make the plugin in, as <dir>/<name>', '.')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Examples:
  bulkhead create geo-enrich
  bulkhead create geo-enrich --dir plugins

Refuses a directory that exists and is not empty.
${EXIT_CODES_HELP}`,
    )
    .action(async (name: string, options: CreateOptions) => {
      await create(name, options, terminal, program.version() ?? '0.0.0')
      exit(EXIT.fine)
    })
}

async function create(
  name: string,
  options: CreateOptions,
  terminal: Terminal,
  version: string,
): Promise<void> {
  const files = templateFiles(name, version, DEFAULT_NODE_VERSION)
  await checkName(name, files.find(({ path }) => path === 'plugin.json')?.text ?? '')
  const dir = resolve(options.dir, name)
  await checkEmpty(dir)
  for (const { path, text } of files) {
    const file = join(dir, path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, text, { flag: 'wx' })
  }
  if (options.json) return writeJson({ name, dir, files: files.map(({ path }) => path) })
  terminal.line(`Created ${terminal.bold(shortPath(dir))}`)
  for (const { path } of files) terminal.line(terminal.dim(`  ${path}`))
  terminal.line()
  terminal.line('Next:')
  for (const step of [`cd ${shortPath(dir)}`, 'npm install', 'npm test', 'npm start'])
    terminal.line(`  ${step}`)
}

/** A name is what the descriptor schema takes, so that there is one rule for it. */
async function checkName(name: string, pluginJson: string): Promise<void> {
  const { parseDescriptor } = await import('../descriptor/load.js') // what help does not need is loaded late
  const parsed = parseDescriptor(pluginJson, 'plugin.json')
  if (!('faults' in parsed)) return
  throw new PluginError('CONFIG_INVALID', {
    argument: 'name',
    value: name,
    message: 'it is no name for a plugin',
    remedy:
      'write 2 to 64 lower-case letters and digits in words joined by "-", a letter first, such as "repository-s3"',
  })
}

async function checkEmpty(dir: string): Promise<void> {
  const taken = await readdir(dir).then(
    (names) => names.length > 0,
    (error: NodeJS.ErrnoException) => error.code !== 'ENOENT',
  )
  if (!taken) return
  throw new PluginError('CONFIG_INVALID', {
    argument: 'name',
    directory: dir,
    message: 'the directory is there already, and nothing is written over',
    remedy: 'choose another name or --dir, or remove the directory',
  })
}
