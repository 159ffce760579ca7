/**
 * `bulkhead policy translate FILE`: a Java policy as a policy.json, and what became of
 * each of its lines. The policy is the result; the report stands beside it, so that
 * `> policy.json` holds nothing else.
 */
import { writeFile } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { Option, type Command } from 'commander'
import { PluginError } from '../../errors.js'
import type { JavaDialect } from '../../policy/java/policy.js'
import { shortPath } from '../describe-error.js'
import { plainJson } from '../plain.js'
import { EXIT, EXIT_CODES_HELP, type ExitCode } from '../exit-code.js'
import { writeJson, type Terminal } from '../terminal.js'

interface TranslateOptions {
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
    .summary('turn a Java security.policy into a policy.json')
    .description(
      'Prints the policy.json for a Java security.policy on standard output, and on standard error what\n' +
        'became of each line. Never wider than the Java policy; what has no counterpart is said, not guessed.',
    )
    .argument('<file>', 'a Java policy file, or - for standard input')
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
    .option('--package <alias=name>', 'npm package for ${codebase.<alias>}', pairs)
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

Exits with 1 when a line is refused or needs a person, with 3 when the file is no Java policy.
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
  const [
    { parseJavaPolicy },
    { translate },
    { lintJava },
    { shippedPermissionTable },
    { readJavaText },
    { reportLines },
  ] = await Promise.all([
    import('../../policy/java/parse.js'), // what help does not need is loaded late
    import('../../policy/java/translate.js'),
    import('./lint-java.js'),
    import('../../shipped-policies.js'),
    import('./read-java.js'),
    import('./show-translation.js'),
  ])
  const { dialect, property, package: packages = {}, acceptAll, out, json } = options
  const text = await readJavaText(given)
  const file = given === '-' ? '<standard input>' : shortPath(resolve(given))
  const java = inFile(file, () =>
    // Without properties: a parser drops what it has no value for, and no line is to be lost here.
    parseJavaPolicy(text, dialect === undefined ? {} : { dialect }),
  )
  const { policy, report } = translate(java, {
    table: shippedPermissionTable(),
    packages,
    ...(property === undefined ? {} : { properties: property }),
    comment: `Translated from ${given === '-' ? 'a Java policy' : basename(given)}`,
    ...(acceptAll === undefined ? {} : { acceptAll }),
  })
  const findings = lintJava(file, java)
  const document = `${JSON.stringify(policy, null, 2)}\n`
  if (out !== undefined) await write(out, document, options.force === true)
  if (json) {
    writeJson({ policy, report, diagnostics: java.diagnostics, findings })
  } else {
    const said = { file, report, diagnostics: java.diagnostics, findings }
    if (out === undefined) terminal.line(plainJson(policy))
    const say = out === undefined ? terminal.note : terminal.line
    for (const line of reportLines(said, terminal)) say(line)
    if (out !== undefined) say(`Written to ${shortPath(resolve(out))}`)
  }
  const { refused, needPerson } = report.counts
  return refused + needPerson === 0 ? EXIT.fine : EXIT.finding
}

/** The parser knows no file; whoever has to mend one does. */
function inFile<T>(file: string, parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    if (!(error instanceof PluginError) || error.code !== 'JAVA_POLICY_INVALID') throw error
    const { line, column } = error.detail
    throw new PluginError(error.code, { file: `${file}:${String(line)}:${String(column)}`, ...error.detail })
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
