/** `bulkhead policy schema [NAME]`: the JSON schema of a document, for editors and other tools. */
import { Argument, type Command } from 'commander'
import { EXIT, EXIT_CODES_HELP, type ExitCode } from '../exit-code.js'
import { writeJson } from '../terminal.js'

const NAMES = ['policy', 'approval', 'plugin'] as const

export function addSchema(policy: Command, exit: (code: ExitCode) => void): void {
  policy
    .command('schema')
    .summary('print a JSON schema')
    .description('Prints the JSON schema (draft 2020-12) of policy.json, of an approval, or of plugin.json.')
    .addArgument(new Argument('[name]', 'which document').choices(NAMES).default('policy'))
    .option('--json', 'it is JSON anyway')
    .addHelpText(
      'after',
      `\nExample:\n  bulkhead policy schema approval > approval.schema.json\n\n${EXIT_CODES_HELP}`,
    )
    .action(async (name: (typeof NAMES)[number]) => {
      const { shippedFile } = await import('../../shipped-policies.js') // what help does not need is loaded late
      writeJson(shippedFile(`${name}.schema.json`))
      exit(EXIT.fine)
    })
}
