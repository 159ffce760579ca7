#!/usr/bin/env node
/**
 * Entry of the `bulkhead` command: its subcommands, its version, and how an error
 * becomes lines (or JSON) and an exit code. What a subcommand does is in its own file.
 */
import process from 'node:process'
import { Command, CommanderError } from 'commander'
import { PluginError } from '../errors.js'
import { shippedVersion } from '../shipped-policies.js'
import { addAttack } from './attack.js'
import { addAudit } from './audit.js'
import { addCrashes } from './crashes.js'
import { addCreate } from './create.js'
import { asPluginError, errorJson, errorLines } from './describe-error.js'
import { addDoctor } from './doctor.js'
import { EXIT, EXIT_CODES_HELP, type ExitCode } from './exit-code.js'
import { addInstall } from './install.js'
import { addList } from './list.js'
import { addPolicy } from './policy.js'
import { addRun } from './run.js'
import { processTerminal, writeJson } from './terminal.js'

const terminal = processTerminal()
const wantsJson = process.argv.slice(2).includes('--json')
const exit = (code: ExitCode): void => void (process.exitCode = code)

function makeProgram(): Command {
  const program = new Command('bulkhead')
    .description('Runs plugins of a search node in threads and processes that cannot take the node down.')
    .version(shippedVersion, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command]', 'print help of a command')
    .configureOutput({
      // In JSON the error is the document; help that was asked for still goes to standard output.
      writeErr: (text) => (wantsJson ? undefined : process.stderr.write(text)),
      getOutHelpWidth: () => terminal.width,
      getErrHelpWidth: () => terminal.width,
    })
    .showSuggestionAfterError()
    .showHelpAfterError('Add --help for what it takes.')
    .exitOverride()
    .addHelpText(
      'after',
      `
Start here:
  bulkhead create my-plugin        a plugin that works at once, with a test
  bulkhead run my-plugin --trust   runs it without a search node
  bulkhead doctor                  which walls hold on this machine

${EXIT_CODES_HELP}`,
    )
  addRun(program, terminal, exit)
  addInstall(program, terminal, exit)
  addList(program, terminal, exit)
  addPolicy(program, terminal, exit)
  addAudit(program, terminal, exit)
  addCrashes(program, terminal, exit)
  addCreate(program, terminal, exit)
  addDoctor(program, terminal, exit)
  addAttack(program, terminal, exit)
  return program
}

async function main(): Promise<void> {
  try {
    await makeProgram().parseAsync()
  } catch (thrown) {
    if (thrown instanceof CommanderError) return usage(thrown)
    const error = asPluginError(thrown)
    if (wantsJson) writeJson({ error: errorJson(error) })
    else for (const line of errorLines(error, terminal, { policiesDir: undefined })) terminal.note(line)
    exit(error.code === 'CONFIG_INVALID' ? EXIT.usage : EXIT.failed)
  }
}

/** commander has written help, version or what was wrong with the arguments already. */
function usage({ exitCode, code, message }: CommanderError): void {
  if (exitCode === 0) return exit(EXIT.fine)
  if (wantsJson) {
    const said =
      code === 'commander.help' ? 'name a command' : message.replace(/^error: /, '').replaceAll('\n', ' ')
    writeJson({ error: errorJson(new PluginError('CONFIG_INVALID', { message: said })) })
  }
  exit(EXIT.usage)
}

// A reader that has seen enough (`| head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit()
})

await main()
