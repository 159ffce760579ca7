/** Processes and threads of plugins as the interface of powers.ts: what this folder is for, in one object. */
import type { LaunchPowers } from '../powers.js'
import { residentBytes } from './resident-bytes.js'
import { readThreadCode } from './scripts.js'
import { spawnProcess } from './spawn-process.js'
import { spawnThread } from './spawn-thread.js'

/** @param threadCode - another script for the plugin thread; tests open a wall that way */
export function nodeLaunchPowers(threadCode: Uint8Array = readThreadCode()): LaunchPowers {
  const text = Buffer.from(threadCode).toString('utf8')
  return {
    threadCode,
    spawnProcess,
    spawnThread: (settings, boot) => spawnThread(text, settings, boot),
    residentBytes,
  }
}
