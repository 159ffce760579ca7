/** Runs the built command as its users do: a process of its own, with exit code and output. */
import { fork, spawn, type ChildProcess } from 'node:child_process'
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'

const MAIN = fileURLToPath(new URL('../../lib/cli/main.js', import.meta.url))
const SERVER = fileURLToPath(new URL('./command-server.js', import.meta.url))
/** Of the package, where its package.json is. */
export const ROOT: string = fileURLToPath(new URL('../../../', import.meta.url))

export interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

export interface Started {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
  /** Resolves with the whole standard output once it matches; rejects when the command ends before. */
  says(pattern: RegExp): Promise<string>
}

export interface Where {
  readonly cwd?: string
  readonly env?: { readonly [name: string]: string }
}

/** The test runner's own variables would load its code into the command. */
function cleanEnvironment(more: { readonly [name: string]: string } = {}): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], TMPDIR: tmpdir(), ...more }
}

export function startNode(args: readonly string[], { cwd = tmpdir(), env }: Where = {}): Started {
  const child = spawn(process.execPath, args, {
    cwd,
    env: cleanEnvironment(env),
    stdio: ['ignore', 'pipe', 'pipe'],
    // One that hangs fails its test and is not left running.
    timeout: 60_000,
    killSignal: 'SIGKILL',
  })
  let out = ''
  let err = ''
  let look: () => void = () => undefined
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text
    look()
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
  const ended = new Promise<Ended>((resolve) => child.on('close', (code) => resolve({ code, out, err })))
  return {
    child,
    ended,
    says: (pattern) =>
      new Promise((resolve, reject) => {
        look = () => {
          if (pattern.test(out)) resolve(out)
        }
        look()
        void ended.then(() => reject(new Error(`it ended before it said ${pattern}: ${out}${err}`)))
      }),
  }
}

/** A command that goes on until it is told to stop; killed with its test. */
export function start(t: Test, args: readonly string[], where?: Where): Started {
  const started = startNode([MAIN, ...args], where)
  t.teardown(() => void started.child.kill('SIGKILL'))
  return started
}

/** The same in a process of its own. */
export function alone(args: readonly string[], where?: Where): Promise<Ended> {
  return startNode([MAIN, ...args], where).ended
}

let server: ChildProcess | undefined

/** A command that ends by itself; not in a process of its own (command-server.ts), one at a time. */
export async function bulkhead(
  args: readonly string[],
  { cwd = tmpdir(), env = {} }: Where = {},
): Promise<Ended> {
  const before = running
  let free = (): void => undefined
  running = new Promise((resolve) => (free = resolve))
  await before
  try {
    const child = (server ??= fork(SERVER, { execArgv: [], env: cleanEnvironment(), stdio: 'inherit' }))
    child.ref() // the test waits for it now, and ends without it else
    child.channel?.ref()
    return await new Promise<Ended>((resolve, reject) => {
      child.once('message', (ended: Ended) => {
        child.removeAllListeners('exit')
        resolve(ended)
      })
      child.once('exit', (code) => reject(new Error(`${args.join(' ')} ended its process: ${code}`)))
      child.send({ main: MAIN, args, cwd, env: cleanEnvironment({ TMPDIR: tmpdir(), ...env }) })
    })
  } finally {
    free()
    server?.unref()
    server?.channel?.unref()
  }
}
let running: Promise<void> = Promise.resolve()

/** Files by path, in a directory that goes with the test. @returns its real path */
export async function directoryOf(t: Test, files: { readonly [path: string]: string }): Promise<string> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'bulkhead-test-cli-')))
  t.teardown(() => rm(root, { recursive: true, force: true }))
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), text)
  }
  return root
}

export interface PluginText {
  readonly name: string
  readonly source: string
  readonly description?: string
  /** Its policy.json; none when left out. */
  readonly grant?: object
  /** Further keys of plugin.json. */
  readonly more?: object
}

/** The files of one plugin below `plugins/`. */
export function pluginFiles({ name, source, description = 'a plugin', grant, more }: PluginText): {
  readonly [path: string]: string
} {
  const descriptor = { name, version: '1.2.3', description, main: 'index.ts', searchNode: '*', ...more }
  return {
    [`plugins/${name}/plugin.json`]: JSON.stringify(descriptor),
    [`plugins/${name}/index.ts`]: source,
    ...(grant === undefined
      ? {}
      : { [`plugins/${name}/policy.json`]: JSON.stringify({ policyVersion: 1, grant }) }),
  }
}

export const REST_GRANT: { readonly extensionPoints: readonly string[] } = { extensionPoints: ['rest:/**'] }
