/** The command of one child: Node with its flags, and around it the programs that put limits on it. */
import type { ProcessSettings, Sandbox } from '../powers.js'
import { allowedCores, coresForPlugins } from './cores.js'
import { limitArguments } from './kernel-limits.js'
import type { Programs } from './programs.js'
import { sandboxArguments } from './sandbox.js'
import { hostScript } from './scripts.js'

/** Where bwrap says what became of the sandbox; the process inside does not have it. */
export const STATUS_FD = 5

/**
 * @param cwd - the child's own directory
 * @param dataBytes - limit of its data, once one is known
 */
export function childCommand(
  settings: ProcessSettings,
  programs: Programs,
  cwd: string,
  dataBytes: number | undefined,
): { readonly file: string; readonly args: readonly string[] } {
  const { execArgv, generation, kernel, sandbox } = settings
  const { prlimit, taskset } = programs
  const cores = coresForPlugins(allowedCores('self'), settings.reservedCores)
  const [file = process.execPath, ...args] = [
    taskset === undefined || cores === undefined ? [] : [taskset, '--cpu-list', cores],
    prlimit === undefined ? [] : [prlimit, ...limitArguments(kernel, dataBytes), '--'],
    sandbox === undefined ? privilegeArguments(programs) : bwrapArguments(sandbox, programs, cwd),
    [process.execPath, ...execArgv, hostScript, String(generation)],
  ].flat()
  return { file, args }
}

function bwrapArguments(sandbox: Sandbox, { bwrap = 'bwrap' }: Programs, cwd: string): string[] {
  const needed = [process.execPath, hostScript]
  return [bwrap, '--json-status-fd', String(STATUS_FD), ...sandboxArguments(sandbox, needed, cwd)]
}

/** Inside of bwrap both hold anyway; before it, the second would keep a bwrap that is setuid from its work. */
function privilegeArguments({ setpriv }: Programs): string[] {
  return setpriv === undefined ? [] : [setpriv, '--pdeathsig', 'KILL', '--no-new-privs', '--']
}
