/** Processes and threads of plugins as the interface of powers.ts: what this folder is for, in one object. */
import type { LaunchPowers } from '../powers.js'
import { cgroupFiles } from './cgroup-files.js'
import { checkBwrap } from './check-bwrap.js'
import { makeDataLimit } from './data-limit.js'
import { measureDirectory } from './measure-directory.js'
import { systemPrograms, type Programs } from './programs.js'
import { readProcess } from './read-process.js'
import { readThreadCode } from './scripts.js'
import { spawnProcess } from './spawn-process.js'
import { spawnThread } from './spawn-thread.js'
import { makeThreadScript, type ThreadScript } from './thread-script.js'

/** What an idle child takes is the same for all of a process: measured by the first of its children. */
const systemDataLimit = makeDataLimit(systemPrograms.prlimit)

/** One for the process: its cache serves every service. */
let shipped: ThreadScript | undefined

/**
 * @param threadCode - another script for the plugin thread; tests open a wall that way
 * @param programs - those of the system; tests leave one out to show what it adds
 */
export function nodeLaunchPowers(threadCode?: Uint8Array, programs: Programs = systemPrograms): LaunchPowers {
  const script =
    threadCode === undefined ? (shipped ??= makeThreadScript(readThreadCode())) : makeThreadScript(threadCode)
  const dataLimit = programs === systemPrograms ? systemDataLimit : makeDataLimit(programs.prlimit)
  return {
    threadCode: script.bytes,
    threadCache: script.cache,
    spawnProcess: (settings) => spawnProcess(settings, programs, dataLimit),
    spawnThread: (settings, boot) => spawnThread(script, settings, boot),
    readProcess,
    cgroupFiles,
    measureDirectory,
    checkBwrap: () => checkBwrap(programs.bwrap),
  }
}
