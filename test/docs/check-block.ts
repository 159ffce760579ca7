/**
 * What each kind of block promises and how that is checked. `place` runs for every block before
 * anything else, so that a page's files are all there; `check` runs after the type check, in order.
 */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseDescriptor } from '../../lib/descriptor/load.js'
import { formatFault, type Fault } from '../../lib/errors.js'
import { shippedPolicyParser } from '../../lib/shipped-policies.js'
import { runPlugin } from '../../lib/testing/run-plugin.js'
import { bulkhead } from '../cli/command.js'
import { ROOT, type Block } from './pages.js'
import type { Outcome, World } from './world.js'

export interface PageRun {
  readonly world: World
  /** Directory of the page in the world. */
  readonly directory: string
  /** What the last block that ran printed; an `output` block is held against it. */
  printed: string
}

interface Kind {
  readonly languages: readonly string[]
  place?(block: Block, run: PageRun): void
  /** @returns what is wrong, '' when nothing is */
  check(block: Block, run: PageRun): string | Promise<string>
}

const parser = shippedPolicyParser()

const KINDS: Readonly<Record<string, Kind>> = {
  /** A file of the reader's own project: `file plugins/hello/index.ts`. */
  file: {
    languages: ['ts', 'js', 'json', 'yaml', 'text'],
    place: write,
    check: ({ language, args, text }) =>
      language === 'json' ? checkJson(schemaOf(args[0] ?? ''), text) : '',
  },
  /** A JSON file as the reader changes it at this point of the page: `now policies/hello.json`. */
  now: {
    languages: ['json'],
    check(block, run) {
      write(block, run)
      return checkJson(schemaOf(block.args[0] ?? ''), block.text)
    },
  },
  /** A program, run to its end: `host main.ts`. */
  host: {
    languages: ['ts', 'js'],
    place: write,
    check: async ({ args }, run) => {
      const outcome = await run.world.runProgram(run.directory, args[0] ?? '')
      run.printed = outcome.stdout
      return expectExit(outcome, 0)
    },
  },
  /** A test file of a plugin, run by Node's own runner: `test test/hello.test.ts`. */
  test: {
    languages: ['ts'],
    place: write,
    check: async ({ args }, run) => {
      const flags = ['--test', '--test-reporter=tap']
      const outcome = await run.world.runProgram(run.directory, args[0] ?? '', flags)
      run.printed = outcome.stdout
      // A file without a test counts as one test that passes, under its own name.
      const names = [...outcome.stdout.matchAll(/^# Subtest: (.+)$/gm)].map(([, name = '']) => name)
      if (names.every((name) => name.endsWith('.mjs'))) return `it has no test\n${outcome.stdout}`
      return expectExit(outcome, 0)
    },
  },
  /** A module as a plugin's own code, in a plugin thread: what it logs is what it prints. */
  inside: {
    languages: ['js'],
    check: async ({ text }, run) => {
      const source = text.includes('export default') ? text : `${text}\nexport default {}\n`
      const plugin = await runPlugin({ source })
      await plugin.stop()
      run.printed = plugin.logs.map((line) => line.text).join('\n')
      return plugin.failures.map(({ message }) => message).join('\n')
    },
  },
  /** TypeScript that is checked and not run: `types sketch.ts`. */
  types: { languages: ['ts'], place: write, check: () => '' },
  /** A document on its own: `json policy`, `json approval`, `json plugin`. */
  json: { languages: ['json'], check: ({ args, text }) => checkJson(args[0] ?? '', text) },
  /** Commands, one a line: `sh`, or `sh exit=1` when the last of them ends so. */
  sh: { languages: ['sh'], check: checkCommands },
  /** What the block before it printed; `…` stands for any text within a line. */
  output: { languages: ['text'], check: ({ text }, run) => compare(text, run.printed) },
  /** Held against the code by a test of its own: `kept test/protocol/document.test.ts`. */
  kept: { languages: ['text', 'hex', 'json', 'ts', 'sh'], check: checkKept },
  /** A picture; nothing to run. */
  drawing: { languages: ['text'], check: () => '' },
}

/** What keeps a block from being checked at all; '' when it can be. */
export function faultOf({ kind, language, args }: Block): string {
  if (kind === '')
    return 'nothing says how this block is checked; put <!-- block: KIND … --> on the line before it'
  const known = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined
  if (known === undefined) return `there is no kind "${kind}"; there are ${Object.keys(KINDS).join(', ')}`
  if (!known.languages.includes(language))
    return `a ${kind} block is ${known.languages.join(' or ')}, not "${language}"`
  if ((known.place !== undefined || kind === 'now') && args[0] === undefined)
    return `a ${kind} block names its file`
  return ''
}

export function place(block: Block, run: PageRun): void {
  KINDS[block.kind]?.place?.(block, run)
}

export async function check(block: Block, run: PageRun): Promise<string> {
  return (await KINDS[block.kind]?.check(block, run)) ?? `there is no kind "${block.kind}"`
}

function write({ args, text }: Block, { world, directory }: PageRun): void {
  world.write(join(directory, args[0] ?? ''), text)
}

function schemaOf(path: string): string {
  if (path.endsWith('plugin.json')) return 'plugin'
  if (path.endsWith('policy.json')) return 'policy'
  return dirname(path) === 'policies' ? 'approval' : 'any'
}

function checkJson(schema: string, text: string): string {
  switch (schema) {
    case 'plugin':
      return faultsOf(parseDescriptor(text, 'block'))
    case 'policy':
      return faultsOf(parser.parsePolicy(text, 'block'))
    case 'approval':
      return faultsOf(parser.parseApproval(text, 'block'))
    case 'any':
      JSON.parse(text)
      return ''
    default:
      return `there is no schema "${schema}"; there are plugin, policy, approval, any`
  }
}

function faultsOf(parsed: object | { readonly faults: readonly Fault[] }): string {
  return 'faults' in parsed ? (parsed.faults as readonly Fault[]).map(formatFault).join('\n') : ''
}

function expectExit({ code, stdout, stderr }: Outcome, expected: number): string {
  return code === expected ? '' : `exit code ${code}, not ${expected}\n${stdout}${stderr}`
}

async function checkCommands({ text, args, place: at }: Block, run: PageRun): Promise<string> {
  const expected = Number(/^exit=(\d)$/.exec(args[0] ?? 'exit=0')?.[1])
  const commands = text
    .split('\n')
    .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
    .filter((line) => line !== '')
  let directory = run.directory
  for (const [index, command] of commands.entries()) {
    const [program = '', ...words] = wordsOf(command)
    const last = index === commands.length - 1
    if (program === 'cd') {
      directory = join(directory, words[0] ?? '')
      if (!existsSync(join(run.world.root, directory))) return `${command}: there is no such directory`
    } else if (program === 'bulkhead') {
      const cwd = join(run.world.root, directory)
      const { code, out, err } = await bulkhead(cheaper(words, at.replace(/:\d+$/, '')), {
        cwd,
        env: { NO_COLOR: '1' },
      })
      const outcome = { code, stdout: out, stderr: err }
      run.printed = outcome.stdout
      const fault = expectExit(outcome, last ? expected : 0)
      if (fault !== '') return `${command}: ${fault}`
    } else {
      const fault = checkCommand(program, words, join(run.world.root, directory))
      if (fault !== '') return `${command}: ${fault}`
    }
  }
  return ''
}

/** As a shell splits a line, with double quotes and nothing else of a shell. */
function wordsOf(command: string): readonly string[] {
  return [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')
}

/** The same command, made to end soon and to need no port of its own. */
function cheaper(words: readonly string[], page: string): readonly string[] {
  // Both take seconds, and doctor 500 MiB; test/cli runs them. A page about audits shows what one prints.
  if (words[0] === 'doctor' || (words[0] === 'audit' && page === 'README.md')) return [...words, '--help']
  const onFreePort = words.map((word, index) => (words[index - 1] === '--port' ? '0' : word))
  return words[0] === 'run' && !words.includes('--once') ? [...onFreePort, '--once'] : onFreePort
}

/** A command that is not run here: that it exists is checked. */
function checkCommand(program: string, words: readonly string[], directory: string): string {
  switch (program) {
    case 'npm': {
      const [verb = '', name = ''] = words
      if (verb === 'install') return words.length === 1 ? '' : 'install packages by package.json alone'
      const script = verb === 'run' ? name : verb
      const own = join(directory, 'package.json')
      const file = existsSync(own) ? own : join(ROOT, 'package.json')
      const { scripts = {} } = JSON.parse(readFileSync(file, 'utf8')) as { scripts?: Record<string, string> }
      return Object.hasOwn(scripts, script) ? '' : `package.json has no script "${script}"`
    }
    case 'node':
      return existsSync(join(ROOT, words[0] ?? '')) ? '' : 'there is no such file'
    case 'npx':
      return existsSync(join(ROOT, 'node_modules/.bin', words[0] ?? '')) ? '' : 'there is no such tool'
    default:
      return existsSync(join(ROOT, program)) ? '' : 'nobody knows how this command is checked'
  }
}

/** The test that keeps it has to be there and to name the page. */
function checkKept({ args, place: at }: Block): string {
  const [test = ''] = args
  const page = at.replace(/:\d+$/, '')
  if (!/^test\/.*\.test\.ts$/.test(test) || !existsSync(join(ROOT, test))) return `there is no test "${test}"`
  return readFileSync(join(ROOT, test), 'utf8').includes(page.split('/').at(-1) ?? page)
    ? ''
    : `${test} does not name ${page}`
}

/** Line by line; `…` stands for any text, a line that is `…` alone for any lines. */
export function compare(expected: string, printed: string): string {
  const pattern = expected
    .trim()
    .split('\n')
    .map((line) => (line.trim() === '…' ? '[^]*?' : line.split('…').map(escape).join('.*')))
    .join('\n')
  return new RegExp(`^${pattern}$`).test(printed.trim()) ? '' : `it printed\n${printed}`
}

function escape(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
}
