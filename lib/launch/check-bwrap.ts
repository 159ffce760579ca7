/** Tries once, before any plugin, whether this machine lets bubblewrap do what its sandboxes are made of. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PluginError } from '../errors.js'
import { childrenFile } from './inner-process.js'
import { sandboxArguments } from './sandbox.js'
import { hostScript } from './scripts.js'

const PATIENCE_MS = 10_000
const MOST_OUTPUT = 500

/** @throws PluginError `LAUNCHER_UNUSABLE` */
export async function checkBwrap(bwrap: string | undefined): Promise<void> {
  if (process.platform !== 'linux') throw unusable('bubblewrap is for Linux', "take the launcher 'plain'")
  if (bwrap === undefined) {
    throw unusable(
      'there is no bwrap on the PATH',
      "install bubblewrap, or take the launcher 'plain', which has no namespaces",
    )
  }
  if (!existsSync(childrenFile(process.pid))) {
    throw unusable(
      `${childrenFile('<pid>')} does not exist, by which plugins are found to be measured`,
      "take a kernel with CONFIG_PROC_CHILDREN, or the launcher 'plain'",
    )
  }
  const cwd = await realpath(await mkdtemp(join(tmpdir(), 'bulkhead-bwrap-')))
  try {
    const sandbox = { read: [], write: [], network: false }
    const args = sandboxArguments(sandbox, [process.execPath, hostScript], cwd)
    await run(bwrap, [...args, process.execPath, '--version'])
  } finally {
    await rm(cwd, { recursive: true, force: true })
  }
}

function run(file: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile(file, args, { env: {}, timeout: PATIENCE_MS }, (error, stdout, stderr) => {
      const said = stderr.trim().slice(0, MOST_OUTPUT)
      if (error !== null)
        reject(unusable(said === '' ? error.message.slice(0, MOST_OUTPUT) : said, remedyFor(said)))
      else if (stdout.startsWith('v')) resolve()
      else reject(unusable('Node did not start in it', remedyFor(said)))
    })
  })
}

/** What bwrap's own words come from, as far as that is known. */
function remedyFor(said: string): string {
  if (/namespace|uid map|Operation not permitted|Permission denied/i.test(said)) {
    return (
      'let users make namespaces (kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns, ' +
      "the seccomp profile of a container), or take the launcher 'plain'"
    )
  }
  if (/unknown option/i.test(said)) return "install bubblewrap 0.8 or later, or take the launcher 'plain'"
  return "start the node where its Node runs from /usr and /lib alone, or take the launcher 'plain'"
}

function unusable(message: string, remedy: string): PluginError {
  return new PluginError('LAUNCHER_UNUSABLE', { launcher: 'bwrap', message, remedy })
}
