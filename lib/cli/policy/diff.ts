/** `bulkhead policy diff OLD NEW`: what the later policy asks for beyond the earlier one, and what no longer, in words. */
import { stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { PluginError } from '../../errors.js'
import type { PolicyRequest } from '../../policy/document.js'
import { shortPath } from '../describe-error.js'
import { EXIT, EXIT_CODES_HELP, type ExitCode } from '../exit-code.js'
import { plainLine } from '../plain.js'
import { writeJson, type Terminal } from '../terminal.js'

export function addDiff(policy: Command, terminal: Terminal, exit: (code: ExitCode) => void): void {
  policy
    .command('diff')
    .summary('say what one policy asks for beyond another')
    .description(
      'Says in plain words what the later policy asks for beyond the earlier one, and what no longer.\n' +
        'A rule counts as more although a wider one covered it before: patterns are compared as they stand.',
    )
    .argument('<old>', "a policy.json, or a plugin's directory")
    .argument('<new>', "a policy.json, or a plugin's directory")
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Examples:
  bulkhead policy diff plugins/repository-s3 ../repository-s3
  bulkhead policy diff old-policy.json new-policy.json --json | jq '.more[].text'

Exits with 1 when the later one asks for more.
${EXIT_CODES_HELP}`,
    )
    .action(async (older: string, newer: string, options: { readonly json?: true }) =>
      exit(await diff(older, newer, options.json === true, terminal)),
    )
}

async function diff(older: string, newer: string, json: boolean, terminal: Terminal): Promise<ExitCode> {
  const [{ diffRequests }, { askLines, riskCounts }] = await Promise.all([
    import('../../policy/diff-request.js'), // what help does not need is loaded late
    import('../show-asks.js'),
  ])
  const [before, after] = [await requestIn(older, 'old'), await requestIn(newer, 'new')]
  const { more, less } = diffRequests(before, after)
  if (json) writeJson({ ok: more.length === 0, more, less })
  else {
    const { line, bold, red, green } = terminal
    if (more.length > 0) line(bold(red('It asks for more, to')))
    for (const each of askLines(more, terminal, '+ ')) line(each)
    if (less.length > 0) line(bold('It no longer asks to'))
    for (const each of askLines(less, terminal, '- ')) line(each)
    if (more.length + less.length > 0) line()
    const counted = (count: number, risks: string): string => `${count}${risks === '' ? '' : ` (${risks})`}`
    line(
      more.length + less.length === 0
        ? green('Both ask for the same.')
        : `more: ${counted(more.length, riskCounts(more))}, less: ${counted(less.length, riskCounts(less))}`,
    )
  }
  return more.length === 0 ? EXIT.fine : EXIT.finding
}

/** A plugin without a policy asks for nothing; a file that is named has to be there. */
async function requestIn(given: string, argument: string): Promise<PolicyRequest> {
  const [{ readPolicyFile }, { EMPTY_REQUEST }, { hasPluginJson }] = await Promise.all([
    import('../../policy-files.js'),
    import('../../policy/request-hash.js'),
    import('../find-plugin.js'),
  ])
  const path = resolve(given)
  const isDirectory = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
  const read = await readPolicyFile(isDirectory ? join(path, 'policy.json') : path)
  if (read !== null) return read.request
  if (isDirectory && (await hasPluginJson(path))) return EMPTY_REQUEST
  throw new PluginError('CONFIG_INVALID', {
    argument,
    path: plainLine(shortPath(path)),
    message: isDirectory ? 'it holds neither policy.json nor plugin.json' : 'there is no such file',
    remedy: "give a policy.json, or a plugin's directory",
  })
}
