/**
 * What the attempts of fallen.ts are aimed at, in this process, and what became of
 * it. Only effects count: a file that is there, a connection that came in.
 */
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
  closeSync,
} from 'node:fs'
import * as inspector from 'node:inspector'
import { connect, createServer, type AddressInfo } from 'node:net'
import { getPriority, setPriority, tmpdir } from 'node:os'
import { join } from 'node:path'
import { BroadcastChannel } from 'node:worker_threads'
import type { Target } from './fallen.js'
import { kernelEffects } from './kernel-effects.js'

const SECRET = 'a secret of the node'
export const CANARY = 'BULKHEAD_OPEN_WALL_CANARY'

export interface Stage {
  readonly target: Target
  /**
   * Whether the attempt got what it wanted.
   * @param answer - what it said itself; believed only where it holds the secret
   * @param pid - the process the attempt ran in
   */
  happened(name: string, answer: string, pid: number): Promise<boolean>
  /** Puts everything back as it was. */
  reset(): void
  close(): void
}

export async function setStage(): Promise<Stage> {
  const directory = mkdtempSync(join(tmpdir(), 'bulkhead-stage-'))
  const secretFile = join(directory, 'secret')
  const markerFile = join(directory, 'marker')
  const openFile = join(directory, 'open')
  const emptyDirectory = join(directory, 'empty')
  mkdirSync(emptyDirectory)
  writeFileSync(secretFile, SECRET)
  process.env[CANARY] = SECRET
  let connections = 0
  let signals = 0
  let messages = 0
  const server = createServer((socket) => {
    connections++
    socket.destroy()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const descriptor = openSync(openFile, 'a')
  const onSignal = (): void => void signals++
  const onMessage = (): void => void messages++
  process.on('SIGUSR2', onSignal)
  process.on('workerMessage', onMessage)
  const channel = new BroadcastChannel('bulkhead-canary')
  channel.onmessage = onMessage
  const priority = getPriority(process.pid)

  const effects: Readonly<Record<string, (answer: string, pid: number) => boolean | Promise<boolean>>> = {
    'read a file': (answer) => answer.includes(SECRET),
    'write a file': () => existsSync(markerFile),
    "list the node's directory": (answer) => answer.includes('secret,') || answer.includes(',secret'),
    "read the node's environment from /proc": (answer) => answer.includes('='),
    "read the node's environment": (answer) => answer.includes(SECRET),
    'write to a descriptor of the node': () => statSync(openFile).size > 0,
    'start a program': () => existsSync(markerFile),
    'start a thread without flags': () => existsSync(markerFile),
    'take an internal binding': (answer) => answer.startsWith('gave') && answer.includes('open'),
    // Node says so once the library is in and its own code has run.
    'load a native library': (answer) => answer.includes('did not self-register'),
    'open the inspector port': (answer) => answersOn(Number(/ws:\/\/[^:]+:(\d+)\//.exec(answer)?.[1] ?? 0)),
    'evaluate in the main thread': (answer, pid) => answer.includes(`evaluated ${pid}`),
    'post to the node on a BroadcastChannel': () => becomes(() => messages > 0),
    'post to the node with postMessageToThread': () => becomes(() => messages > 0),
    'connect to a port of the machine': () => becomes(() => connections > 0),
    'signal the node': () => becomes(() => signals > 0),
    "open the node's inspector with SIGUSR1": () => becomes(() => inspector.url() !== undefined),
    "lower the node's priority": () => getPriority(process.pid) !== priority,
    ...kernelEffects(emptyDirectory),
    // Whoever asks is alive.
    'end the node: process.exit': () => false,
    'end the node: process.reallyExit': () => false,
    'end the node: process.abort': () => false,
  }

  function reset(): void {
    rmSync(markerFile, { force: true })
    for (const name of readdirSync(emptyDirectory)) rmSync(join(emptyDirectory, name))
    connections = signals = messages = 0
    if (inspector.url() !== undefined) inspector.close()
    if (getPriority(process.pid) !== priority) setPriority(process.pid, priority)
  }

  return {
    target: {
      secretFile,
      markerFile,
      directory,
      emptyDirectory,
      pid: process.pid,
      port: (server.address() as AddressInfo).port,
      descriptor,
      library: libraryPath(),
    },
    async happened(name, answer, pid) {
      const effect = effects[name]
      if (effect === undefined) throw new Error(`nobody looks at what '${name}' does`)
      return effect(answer, pid)
    },
    reset,
    close() {
      reset()
      process.off('SIGUSR2', onSignal)
      process.off('workerMessage', onMessage)
      channel.close()
      server.close()
      closeSync(descriptor)
      rmSync(directory, { recursive: true })
    },
  }
}

/** Part of glibc; Node does not use it. */
const LIBRARY = 'libanl'

function libraryPath(): string {
  const libc = readFileSync('/proc/self/maps', 'latin1')
    .split('\n')
    .map((line) => line.slice(line.indexOf('/')))
    .find((path) => /\/libc[.-]/.test(path))
  return join(libc === undefined ? '/lib' : join(libc, '..'), `${LIBRARY}.so.1`)
}

/** Looks again for a while: signals and messages take a turn of the loop to arrive. */
async function becomes(seen: () => boolean): Promise<boolean> {
  for (let look = 0; look < 40 && !seen(); look++) await new Promise((resolve) => setTimeout(resolve, 10))
  return seen()
}

async function answersOn(port: number): Promise<boolean> {
  if (port === 0) return false
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
