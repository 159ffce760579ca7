/** `bulkhead policy …`: the commands of whoever writes, reads or approves policies. */
import type { Command } from 'commander'
import { EXIT_CODES_HELP, type ExitCode } from './exit-code.js'
import { addCheck } from './policy/check.js'
import { addDiff } from './policy/diff.js'
import { addExplain } from './policy/explain.js'
import { addSchema } from './policy/schema.js'
import { addTranslate } from './policy/translate.js'
import type { Terminal } from './terminal.js'

export function addPolicy(program: Command, terminal: Terminal, exit: (code: ExitCode) => void): void {
  const policy = program
    .command('policy')
    .summary('translate, check, explain and compare policies')
    .description('Translates, checks, explains and compares what plugins ask for and operators approve.')
    .helpCommand('help [command]', 'print help of a command')
    .addHelpText('after', `\n${EXIT_CODES_HELP}`)
  addTranslate(policy, terminal, exit)
  addCheck(policy, terminal, exit)
  addExplain(policy, terminal, exit)
  addDiff(policy, terminal, exit)
  addSchema(policy, exit)
}
