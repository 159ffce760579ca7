/**
 * A server of another program as a child of the test: on loopback, in a directory of its
 * own, as an unprivileged user where the test is root, and never longer than the test.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { accessSync, chownSync, constants, mkdtempSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

export interface Stops {
  readonly teardown: (stop: () => void | Promise<void>) => unknown
}

/** What a test sees of a server, whoever made it. */
export interface TestServer {
  readonly port: number
  /** Connections that the server says it has accepted so far. */
  accepted(): number | Promise<number>
}

/** `nobody` of Debian and its relatives: PostgreSQL refuses to run as root. */
const NOBODY = 65_534
const MOST_MS_TO_END = 5000
const isRoot = process.getuid?.() === 0

/** Path of a program, looked for in `dirs` and then in PATH; `undefined` when it is not installed. */
export function program(name: string, dirs: readonly string[] = []): string | undefined {
  const places = [...dirs, ...(process.env['PATH'] ?? '').split(delimiter)]
  return places.map((dir) => join(dir, name)).find(isExecutable)
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** An empty directory that the server's user owns; removed at the end of the test. */
export function serverDir(t: Stops): string {
  const dir = mkdtempSync(join(tmpdir(), 'bulkhead-server-'))
  if (isRoot) chownSync(dir, NOBODY, NOBODY)
  t.teardown(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

/** Gives a file to the server's user. */
export function hand(file: string): void {
  if (isRoot) chownSync(file, NOBODY, NOBODY)
}

/** A port of loopback that was free just now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}

export interface RunningChild {
  /** Everything it has written so far, to both streams. */
  output(): string
  /** Resolves once it has written this. */
  heard(words: string): Promise<void>
}

/**
 * Starts a program and resolves when it has written `ready`.
 * The kernel ends it with the test's process, should that die without its teardown.
 */
export async function startChild(
  t: Stops,
  command: readonly string[],
  { cwd, ready }: { readonly cwd: string; readonly ready: string },
): Promise<RunningChild> {
  const { child, closed, output, heard } = spawnAs(command, cwd)
  t.teardown(async () => {
    const { pid } = child
    if (pid === undefined || child.exitCode !== null) return
    child.kill('SIGINT') // both programs end their sessions at it, and reap their own children
    const late = setTimeout(() => process.kill(-pid, 'SIGKILL'), MOST_MS_TO_END)
    await closed
    clearTimeout(late)
  })
  await Promise.race([
    heard(ready),
    closed.then((code) => {
      throw new Error(`${command[0]} ended with ${code}: ${output()}`)
    }),
  ])
  return { output, heard }
}

/** Runs a program to its end. */
export async function runChild(command: readonly string[], cwd: string): Promise<void> {
  const { closed, output } = spawnAs(command, cwd)
  const code = await closed
  if (code !== 0) throw new Error(`${command[0]} ended with ${code}: ${output()}`)
}

interface Spawned extends RunningChild {
  readonly child: ChildProcess
  readonly closed: Promise<number | null>
}

function spawnAs(command: readonly string[], cwd: string): Spawned {
  const setpriv = program('setpriv')
  if (setpriv === undefined) throw new Error('there is no setpriv (util-linux) on this machine')
  const user = isRoot ? ['--reuid', String(NOBODY), '--regid', String(NOBODY), '--clear-groups'] : []
  const child = spawn(setpriv, [...user, '--pdeathsig', 'KILL', '--', ...command], {
    cwd,
    env: { PATH: process.env['PATH'], LC_ALL: 'C' },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  let text = ''
  const waiting = new Set<() => void>()
  const hear = (chunk: Buffer): void => {
    text += chunk.toString()
    for (const look of waiting) look()
  }
  child.stdout.on('data', hear)
  child.stderr.on('data', hear)
  return {
    child,
    closed: new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('close', resolve)
    }),
    output: () => text,
    heard: (words) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!text.includes(words)) return
          waiting.delete(look)
          resolve()
        }
        waiting.add(look)
        look()
      }),
  }
}
