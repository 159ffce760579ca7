/**
 * Starts the child process of one plugin. What the kernel is to hold against it stands
 * before its first instruction where the machine has the programs for it, and before any
 * code of the plugin in any case. Flags of Node are made elsewhere
 * (supervisor/worker-options.ts).
 */
import { spawn } from 'node:child_process'
import type { Socket } from 'node:net'
import { constants } from 'node:os'
import type { ProcessSettings, SpawnedProcess } from '../powers.js'
import { childCommand, STATUS_FD } from './command.js'
import type { DataLimit } from './data-limit.js'
import { innerProcess } from './inner-process.js'
import { preferAsVictim } from './oom-score.js'
import { makeOutputTail } from './output-tail.js'
import { setNiceness } from './priority.js'
import type { Programs } from './programs.js'
import { makeWorkDirectory } from './work-directory.js'

/** How long after the end of a child its output is read. */
const LAST_OUTPUT_MS = 1000

export function spawnProcess(
  settings: ProcessSettings,
  programs: Programs,
  dataLimit: DataLimit,
): SpawnedProcess {
  const { kernel, niceness, sandbox } = settings
  const directory = makeWorkDirectory(settings.workDir)
  const dataBytes = dataLimit.bytesFor(kernel)
  const { file, args } = childCommand(settings, programs, directory.path, dataBytes)
  const child = spawn(file, args, {
    cwd: directory.path,
    env: {},
    stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe', ...(sandbox === undefined ? [] : ['pipe' as const])],
    detached: true, // a session of its own: signals to the node's terminal group do not reach it
    windowsHide: true,
  })
  let pid = child.pid ?? 0
  const output = makeOutputTail()
  for (const stream of [child.stdout, child.stderr]) if (stream !== null) output.of(stream)
  const status = (child.stdio as readonly unknown[])[STATUS_FD] as Socket | undefined
  const findInner = sandbox === undefined || status === undefined ? undefined : innerProcess(status)
  if (pid !== 0) preferAsVictim(pid)

  return {
    get pid() {
      return pid
    },
    channel: child.stdio[3] as Socket,
    supervision: child.stdio[4] as Socket,
    exited: new Promise((resolve) => {
      child.on('error', (error) => {
        output.add(Buffer.from(String(error)))
        if (child.pid === undefined) resolve({ code: 127, signal: null })
      })
      // 'close' follows 'exit' once the output is read, so the tail is whole.
      child.on('exit', () => {
        killGroup(child.pid)
        // What took itself out of the group may hold the other ends open for as long as it likes.
        setTimeout(() => {
          for (const stream of child.stdio) stream?.destroy()
        }, LAST_OUTPUT_MS).unref()
      })
      child.on('close', (code, signal) => {
        void directory.remove()
        resolve(sandbox === undefined ? { code, signal } : asInside(code, signal))
      })
    }),
    outputTail: () => output.text(),
    async confine() {
      if (findInner !== undefined) {
        const inner = await findInner()
        if (inner > 0) pid = inner
        preferAsVictim(pid)
      }
      if (pid === 0) return
      // Not before: a start at low priority takes its time on a busy machine, and runs trusted code only.
      setNiceness(pid, niceness.usual)
      if (dataBytes === undefined) await dataLimit.setOn(pid, kernel)
    },
    lowerPriority: (low) => setNiceness(pid, low ? niceness.slowed : niceness.usual),
    kill() {
      if (child.exitCode !== null || child.signalCode !== null) return
      killGroup(child.pid)
      child.kill('SIGKILL')
    },
  }
}

/**
 * Its group is its own (`detached`). More than one process is in it under bwrap, and where code behind fallen
 * walls started one: such a one would outlive the plugin and keep its output open.
 */
function killGroup(leader: number | undefined): void {
  if (leader === undefined || process.platform === 'win32') return
  try {
    process.kill(-leader, 'SIGKILL')
  } catch {
    // gone
  }
}

/** A shell's way to tell a signal, which bwrap follows. */
const SIGNAL_BASE = 128

function asInside(
  code: number | null,
  signal: string | null,
): { readonly code: number | null; readonly signal: string | null } {
  const name = Object.entries(constants.signals).find(([, number]) => number + SIGNAL_BASE === code)?.[0]
  return name === undefined ? { code, signal } : { code: null, signal: name }
}
