/** Starts thread-entry.ts as the product starts a plugin thread: one text, no environment, permission flags. */
import { build } from 'esbuild'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { Test } from 'tap'
import type { Command, ThreadData } from './thread-entry.js'

const major = Number(process.versions.node.split('.')[0])
export const FLAGS: readonly string[] = [
  major === 20 ? '--experimental-permission' : '--permission',
  ...(major > 20 ? ['--eval=0'] : []),
  '--no-addons',
  '--no-warnings',
]

/** What `evaluate` and the others reject with: an error of the thread, by its own words. */
export class ThreadError extends Error {
  readonly code: string
  /** The stack as trusted code of the thread sees it. */
  readonly inside: string
  constructor(facts: {
    readonly name: string
    readonly code: string
    readonly message: string
    readonly stack: string
  }) {
    super(facts.message)
    this.name = facts.name
    this.code = facts.code
    this.inside = facts.stack
  }
}

export interface Thread {
  send(command: Command): Promise<unknown>
  evaluate(code: string): Promise<unknown>
  /** Evaluates one expression as a plugin would and gives its JSON value. */
  value(expression: string): Promise<unknown>
  logs(): Promise<readonly (readonly [string, string])[]>
  readonly startMs: number
  /** The thread's exit code, once it has ended. */
  readonly exited: Promise<number>
}

let texts: Promise<readonly [string, string]> | undefined

async function bundled(): Promise<readonly [string, string]> {
  const bundle = async (entry: string, more: object): Promise<string> => {
    const result = await build({
      entryPoints: [fileURLToPath(new URL(entry, import.meta.url))],
      bundle: true,
      write: false,
      target: 'node20',
      minifyWhitespace: true,
      format: 'cjs',
      legalComments: 'none',
      logLevel: 'silent',
      ...more,
    })
    return result.outputFiles[0]?.text ?? ''
  }
  return Promise.all([
    bundle('./thread-entry.js', { platform: 'node', format: 'iife' }),
    bundle('../../workers/builtins/index.js', { platform: 'neutral', mainFields: ['main'] }),
  ])
}

/** The thread ends with the test. */
export async function startThread(
  t: Test,
  options: Partial<ThreadData> & {
    readonly flags?: readonly string[]
    readonly mayDie?: boolean
    readonly heapMb?: number
  } = {},
): Promise<Thread> {
  const [code, builtinsCode] = await (texts ??= bundled())
  const { flags = FLAGS, mayDie = false, heapMb = 128, ...data } = options
  const workerData: ThreadData = {
    builtinsCode,
    webCode: readFileSync(new URL('../../workers/web.cjs', import.meta.url), 'utf8'),
    timers: 100,
    externalMb: 64,
    env: { REGION: 'eu' },
    outsideFile: process.execPath,
    ...data,
  }
  const startedMs = performance.now()
  const worker = new Worker(code, {
    eval: true,
    env: {},
    execArgv: [...flags],
    stdout: true,
    stderr: true,
    workerData,
    resourceLimits: { maxOldGenerationSizeMb: heapMb, maxYoungGenerationSizeMb: 16, stackSizeMb: 4 },
  })
  t.teardown(() => worker.terminate())
  const exited = new Promise<number>((resolve) => worker.on('exit', resolve))
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>()
  let lastId = 0
  await new Promise<void>((resolve, reject) => {
    worker.on('error', (error) => {
      reject(error)
      if (!mayDie) t.fail(`the thread died: ${error.message}`)
      for (const call of waiting.values()) call.reject(error)
    })
    worker.on('exit', (exitCode) => {
      for (const call of waiting.values()) call.reject(new Error(`the thread ended with ${exitCode}`))
    })
    worker.on(
      'message',
      (message: {
        ready?: true
        id: number
        value: string | null
        error?: ConstructorParameters<typeof ThreadError>[0]
      }) => {
        if (message.ready === true) return resolve()
        const call = waiting.get(message.id)
        waiting.delete(message.id)
        if (message.error !== undefined) call?.reject(new ThreadError(message.error))
        else call?.resolve(message.value === null ? undefined : JSON.parse(message.value))
      },
    )
  })
  const send = (command: Command): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const id = ++lastId
      waiting.set(id, { resolve, reject })
      worker.postMessage({ id, command })
    })
  const evaluate = (source: string): Promise<unknown> => send({ kind: 'evaluate', code: source })
  return {
    send,
    evaluate,
    value: (expression) => evaluate(`module.exports = async () => (${expression})`),
    logs: async () => (await send({ kind: 'logs' })) as readonly (readonly [string, string])[],
    startMs: performance.now() - startedMs,
    exited,
  }
}

/** Text of a file of this repository's node_modules, bundled as a plugin's package would be. */
export async function bundlePackage(source: string): Promise<string> {
  const result = await build({
    stdin: { contents: source, resolveDir: process.cwd(), loader: 'js' },
    bundle: true,
    write: false,
    platform: 'node',
    format: 'cjs',
    target: 'es2022',
    legalComments: 'none',
    supported: { 'dynamic-import': false },
    logLevel: 'silent',
  })
  return result.outputFiles[0]?.text ?? readFileSync('/dev/null', 'utf8')
}
