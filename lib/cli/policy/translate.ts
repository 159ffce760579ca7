/**
 * `bulkhead policy translate FILE`: a Java policy or an entitlement policy as a policy.json,
 * and what became of each of its lines. The policy is the result; the report stands beside it, so that
 * `> policy.json` holds nothing else.
 */
import { writeFile } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { Option, type Command } from 'commander'
import { PluginError } from '../../errors.js'
import type { JavaDialect } from '../../policy/java/policy.js'
import { shortPath } from '../describe-error.js'
import { EXIT, EXIT_CODES_HELP, type ExitCode } from '../exit-code.js'
import { jsonText, writeJson, type Terminal } from '../terminal.js'

type PolicyFormat = 'java' | 'entitlement'

interface TranslateOptions {
  readonly format?: PolicyFormat
  readonly dialect?: JavaDialect
  readonly property?: Readonly<Record<string, string>>
  readonly package?: Readonly<Record<string, string>>
  readonly acceptAll?: string
  readonly out?: string
  readonly force?: true
  readonly json?: true
}

export function addTranslate(policy: Command, terminal: Terminal, exit: (code: ExitCode) => void): void {
  policy
    .command('translate')
    .summary('turn a Java security.policy or an entitlement-policy.yaml into a policy.json')
    .description(
      'Prints the policy.json for a Java security.policy, or for an entitlement-policy.yaml of Elasticsearch,\n' +
        'on standard output, and on standard error what became of each line. Never wider than what it was made\n' +
        'from; what has no counterpart is said, not guessed.',
    )
    .argument('<file>', 'a policy file, or - for standard input')
    .addOption(
      new Option(
        '--format <name>',
        'what the file is (default: entitlement for .yaml and .yml, else java)',
      ).choices(['java', 'entitlement']),
    )
    .addOption(
      new Option('--dialect <name>', 'read as this parser does (default: whatever either reads)').choices([
        'jdk',
        'opensearch3',
      ]),
    )
    .option(
      '--property <name=value>',
      'value of a Java property in targets; a line with any other needs a person',
      pairs,
    )
    .option('--package <alias=name>', 'npm package for ${codebase.<alias>}, or for the module <alias>', pairs)
    .option('--accept-all <reason>', 'translate AllPermission too, for this reason')
    .option('--out <file>', 'write the policy here and the report on standard output')
    .option('--force', 'let --out write over a file')
    .option('--json', 'print one JSON document: policy, report, diagnostics, findings')
    .addHelpText(
      'after',
      `
Examples:
  bulkhead policy translate plugin-security.policy > policy.json
  bulkhead policy translate plugin-security.policy --package netty-common=undici --out policy.json
  bulkhead policy translate entitlement-policy.yaml --package com.example.client=undici

Exits with 1 when a line is refused or needs a person, with 3 when the file is no such policy.
${EXIT_CODES_HELP}`,
    )
    .action(async (file: string, options: TranslateOptions) =>
      exit(await translateFile(file, options, terminal)),
    )
}

async function translateFile(
  given: string,
  options: TranslateOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const { out, json, format = /\.ya?ml$/i.test(given) ? 'entitlement' : 'java' } = options
  checkOptions(options, format)
  const [{ readText }, { translateJava, translateEntitlementPolicy }, { reportLines }] = await Promise.all([
    import('./read-text.js'), // what help does not need is loaded late
    import('./translation-of.js'),
    import('./show-translation.js'),
  ])
  const text = await readText(given)
  const file = given === '-' ? '<standard input>' : shortPath(resolve(given))
  const source = { text, file, name: given === '-' ? undefined : basename(given) }
  const { policy, ...said } =
    format === 'java' ? translateJava(source, options) : translateEntitlementPolicy(source, options)
  const document = `${jsonText(policy)}\n`
  if (out !== undefined) await write(out, document, options.force === true)
  if (json) {
    const { report, diagnostics, findings } = said
    writeJson({ policy, report, diagnostics, findings })
  } else {
    if (out === undefined) terminal.line(document.trimEnd())
    const say = out === undefined ? terminal.note : terminal.line
    for (const line of reportLines(said, terminal)) say(line)
    if (out !== undefined) say(`Written to ${shortPath(resolve(out))}`)
  }
  const { refused, needPerson } = said.report.counts
  return refused + needPerson === 0 ? EXIT.fine : EXIT.finding
}

/** Options of one format that the other has no use for are a misunderstanding. */
function checkOptions(options: TranslateOptions, format: PolicyFormat): void {
  if (format === 'java') return
  for (const key of ['dialect', 'property', 'acceptAll'] as const) {
    if (options[key] === undefined) continue
    const option = { dialect: '--dialect', property: '--property', acceptAll: '--accept-all' }[key]
    throw new PluginError('CONFIG_INVALID', {
      option,
      message: 'it is for a Java policy, and this is an entitlement policy',
      remedy: 'leave it out, or add --format java',
    })
  }
}

async function write(out: string, document: string, force: boolean): Promise<void> {
  await writeFile(resolve(out), document, { flag: force ? 'w' : 'wx' }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    throw new PluginError('CONFIG_INVALID', {
      option: '--out',
      file: shortPath(resolve(out)),
      message: 'the file is there already',
      remedy: 'choose another, or add --force to write over it',
    })
  })
}

function pairs(
  text: string,
  before: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const equals = text.indexOf('=')
  if (equals > 0) return { ...before, [text.slice(0, equals)]: text.slice(equals + 1) }
  throw new PluginError('CONFIG_INVALID', {
    value: text,
    message: 'a name and a value are expected',
    remedy: 'write name=value',
  })
}
