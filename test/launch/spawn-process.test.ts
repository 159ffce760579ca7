// A child is gone once it has ended: what it started in a session of its own and left its pipes to is not waited for.
// While it lives it is behind the node, and further behind while it is slowed.
import { existsSync } from 'node:fs'
import { getPriority } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { threadNiceness } from '../../lib/cli/doctor/system.js'
import { makeDataLimit } from '../../lib/launch/data-limit.js'
import { spawnProcess } from '../../lib/launch/spawn-process.js'
import type { Programs } from '../../lib/launch/programs.js'
import type { ProcessSettings } from '../../lib/powers.js'

const NONE: Programs = { setpriv: undefined, prlimit: undefined, taskset: undefined, bwrap: undefined }
/** Runs instead of the host script: leaves a program behind that holds both outputs, and says which. It makes `file` at its end. */
const leaves = (file: string): string => `
const { spawn } = require('node:child_process')
const lives = 'setTimeout(() => require("node:fs").writeFileSync(process.argv[1], ""), 8000)'
const stdio = ['ignore', 'inherit', 'inherit']
const { pid } = spawn(process.execPath, ['-e', lives, ${JSON.stringify(file)}], { detached: true, stdio })
require('node:fs').writeSync(1, String(pid))
process.exit(3)`

function settingsOf(script: string, workDir: string, niceness: ProcessSettings['niceness']): ProcessSettings {
  return {
    execArgv: ['-e', script],
    generation: 1,
    workDir,
    reservedCores: 0,
    kernel: { dataRoomBytes: 0, openFiles: 0, fileBytes: 0 },
    niceness,
    sandbox: undefined,
  }
}

t.test('what a child left behind keeps nobody waiting', { skip: process.platform === 'win32' }, async (t) => {
  const workDir = t.testdir()
  const file = join(workDir, 'ended')
  const settings = settingsOf(leaves(file), workDir, { usual: 0, slowed: 0 })
  const child = spawnProcess(settings, NONE, makeDataLimit(undefined))
  t.match(await child.exited, { code: 3, signal: null })
  const left = Number(child.outputTail())
  t.ok(left > 0, 'its last words are read all the same')
  process.kill(left, 'SIGKILL')
  t.notOk(existsSync(file), 'it ran still')
})

t.test('a child stands behind the node', { skip: process.platform !== 'linux' }, async (t) => {
  const settings = settingsOf('setTimeout(() => undefined, 30_000)', t.testdir(), { usual: 3, slowed: 8 })
  const child = spawnProcess(settings, NONE, makeDataLimit(undefined))
  t.teardown(() => child.kill())
  const stands = (): ReadonlySet<number> => new Set(threadNiceness(child.pid))
  await child.confine()
  t.same(stands(), new Set([getPriority() + 3]))
  child.lowerPriority(true)
  t.same(stands(), new Set([getPriority() + 8]), 'further while it is slowed')
  child.kill()
  await child.exited
})
