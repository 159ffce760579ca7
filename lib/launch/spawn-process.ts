/**
 * Starts the child process of one plugin: what the kernel is to hold against it is set
 * before its first instruction where the machine has the programs for it. Flags of Node
 * are made elsewhere (supervisor/worker-options.ts).
 */
import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import type { Socket } from 'node:net'
import type { ProcessSettings, SpawnedProcess } from '../powers.js'
import { findProgram } from './find-program.js'
import { makeOutputTail } from './output-tail.js'
import { hostScript } from './scripts.js'

/** `setpriv` of util-linux, where the machine has it: the child then dies with its parent thread and gains no privileges. */
const setpriv: string | undefined = findProgram('setpriv')

/** Makes the kernel prefer the plugin over the node when memory runs out; 0..1000. */
const OOM_SCORE_ADJ = '500'

export function spawnProcess(settings: ProcessSettings): SpawnedProcess {
  const nodeArgs = [...settings.execArgv, hostScript, String(settings.generation)]
  const [file, args] =
    setpriv === undefined
      ? [process.execPath, nodeArgs]
      : [setpriv, ['--pdeathsig', 'KILL', '--no-new-privs', '--', process.execPath, ...nodeArgs]]
  const child = spawn(file, args, {
    cwd: settings.cwd,
    env: {},
    stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'],
    detached: true, // a session of its own: signals to the node's terminal group do not reach it
    windowsHide: true,
  })
  const output = makeOutputTail()
  child.stdout?.on('data', (chunk: Buffer) => output.add(chunk))
  child.stderr?.on('data', (chunk: Buffer) => output.add(chunk))
  const { pid } = child
  if (pid !== undefined && process.platform === 'linux') {
    // Best effort: a system that forbids it has lost a preference, not a wall.
    writeFile(`/proc/${pid}/oom_score_adj`, OOM_SCORE_ADJ).catch(() => undefined)
  }
  return {
    pid: pid ?? 0,
    channel: child.stdio[3] as Socket,
    supervision: child.stdio[4] as Socket,
    exited: new Promise((resolve) => {
      child.on('error', (error) => {
        output.add(Buffer.from(String(error)))
        if (child.pid === undefined) resolve({ code: 127, signal: null })
      })
      // 'close' follows 'exit' once the output is read, so the tail is whole.
      child.on('close', (code, signal) => resolve({ code, signal }))
    }),
    outputTail: () => output.text(),
    kill: () => void child.kill('SIGKILL'),
  }
}
