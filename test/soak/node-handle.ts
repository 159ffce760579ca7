/** The driver's end of the node under soak: starts it, samples it, plays its operator, ends it for certain. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { FromNode, NodeSample, ToNode } from './messages.js'
import type { Place } from './place.js'
import { childrenOf, signal, useOf, type ProcessUse } from './proc.js'

export interface NodeHandle {
  readonly pid: number
  readonly url: string
  /** Resolves with how it ended, whenever that is. */
  readonly ended: Promise<string>
  /** @throws Error when the node gives none in time */
  sample(gc: boolean): Promise<NodeSample>
  /** What the system says of it. @throws Error when it is gone */
  use(): ProcessUse
  setClock(offsetMs: number): void
  release(plugin: string): void
  /** As an operator stops it; resolves with its last words. @throws Error when it does not end by itself */
  stop(): Promise<NodeSample>
  /** Whatever state it is in; does nothing when it is gone. */
  kill(): Promise<void>
}

const START_MS = 60_000
const SAMPLE_MS = 10_000
const STOP_MS = 30_000

export async function startNodeProcess(place: Place): Promise<NodeHandle> {
  const { pluginsDir, policiesDir, dataDir, auditLog, crashReports } = place
  const script = fileURLToPath(new URL('./node-process.js', import.meta.url))
  const child = fork(script, [JSON.stringify({ pluginsDir, policiesDir, dataDir, auditLog, crashReports })], {
    execArgv: ['--expose-gc'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const pid = child.pid ?? 0
  const ended = once(child, 'exit').then(([code, by]) => `exit ${String(by ?? code)}`)
  const send = (message: ToNode): void => void (child.connected && child.send(message))

  const next = <K extends FromNode['kind']>(kind: K, withinMs: number) =>
    new Promise<Extract<FromNode, { readonly kind: K }>>((resolve, reject) => {
      const finish = (settle: () => void): void => {
        clearTimeout(timer)
        child.off('message', heard)
        settle()
      }
      const timer = setTimeout(
        () => finish(() => reject(new Error(`the node said no '${kind}' within ${withinMs} ms`))),
        withinMs,
      )
      const heard = (message: FromNode): void => {
        if (message.kind === kind) finish(() => resolve(message as Extract<FromNode, { readonly kind: K }>))
      }
      child.on('message', heard)
      void ended.then((how) => finish(() => reject(new Error(`the node ended: ${how}`))))
    })

  const kill = async (): Promise<void> => {
    const children = childrenOf(pid)
    if (child.exitCode !== null || child.signalCode !== null) return
    signal(pid, 'SIGKILL')
    await ended
    for (const orphan of children) signal(orphan, 'SIGKILL') // one that was stopped does not see its node go
  }

  try {
    const { url } = await next('ready', START_MS)
    return {
      pid,
      url,
      ended,
      async sample(gc) {
        const answer = next('sample', SAMPLE_MS)
        send({ kind: 'sample', gc })
        return (await answer).sample
      },
      use() {
        const use = useOf(pid, Number(new URL(url).port))
        if (use === undefined) throw new Error('the node is gone')
        return use
      },
      setClock: (offsetMs) => send({ kind: 'clock', offsetMs }),
      release: (plugin) => send({ kind: 'release', plugin }),
      async stop() {
        const answer = next('stopped', STOP_MS)
        send({ kind: 'stop' })
        const { sample } = await answer
        let timer: NodeJS.Timeout | undefined
        const late = new Promise<never>((_, reject) => {
          timer = setTimeout(
            () => reject(new Error('the node has stopped, but its process does not end')),
            STOP_MS,
          )
        })
        await Promise.race([ended, late]).finally(() => clearTimeout(timer))
        return sample
      },
      kill,
    }
  } catch (error) {
    await kill()
    throw error
  }
}
