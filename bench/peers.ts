/**
 * What a user would write instead, carrying the same number of bytes: a bare worker
 * with postMessage, comlink over it, and a bare socketpair to a child process. One
 * message a call, no deadline, no check, no policy.
 */
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import type { Socket } from 'node:net'
import { Worker } from 'node:worker_threads'
import { wrap } from 'comlink'

const nodeEndpoint = createRequire(import.meta.url)('comlink/dist/umd/node-adapter.js') as (
  port: Worker,
) => never

export interface Peer {
  /** One round trip. */
  call(): Promise<unknown>
  close(): Promise<unknown>
}

export function postMessagePeer(requestBytes: number, replyBytes: number): Peer {
  const worker = new Worker(
    `const { parentPort } = require('node:worker_threads')
     parentPort.on('message', () => parentPort.postMessage(new Uint8Array(${replyBytes})))`,
    { eval: true, env: {}, execArgv: [] },
  )
  const waiting: (() => void)[] = []
  worker.on('message', () => waiting.shift()?.())
  return {
    call: () =>
      new Promise<void>((resolve) => {
        waiting.push(resolve)
        worker.postMessage(new Uint8Array(requestBytes))
      }),
    close: () => worker.terminate(),
  }
}

export function comlinkPeer(requestBytes: number, replyBytes: number): Peer {
  const worker = new Worker(
    `const { parentPort } = require('node:worker_threads')
     const { expose } = require(${JSON.stringify(createRequire(import.meta.url).resolve('comlink'))})
     const adapter = require(${JSON.stringify(createRequire(import.meta.url).resolve('comlink/dist/umd/node-adapter.js'))})
     expose({ echo: () => new Uint8Array(${replyBytes}) }, adapter(parentPort))`,
    { eval: true, env: {}, execArgv: [] },
  )
  const remote = wrap<{ echo(bytes: Uint8Array): Uint8Array }>(nodeEndpoint(worker))
  return { call: () => remote.echo(new Uint8Array(requestBytes)), close: () => worker.terminate() }
}

/** The end of the pipe is owned by a thread of the child, as it is in Bulkhead, or by the child's main thread. */
export function socketpairPeer(owner: 'thread' | 'main', requestBytes: number, replyBytes: number): Peer {
  const echo = `
    const socket = new (require('node:net').Socket)({ fd: 3 })
    let held = 0
    socket.on('data', (chunk) => {
      for (held += chunk.length; held >= ${requestBytes}; held -= ${requestBytes}) socket.write(new Uint8Array(${replyBytes}))
    })`
  const inThread = `new (require('node:worker_threads').Worker)(${JSON.stringify(echo)}, { eval: true, env: {}, execArgv: [] })`
  const child = spawn(process.execPath, ['-e', owner === 'main' ? echo : inThread], {
    env: {},
    stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
  })
  const socket = child.stdio[3] as Socket
  const waiting: (() => void)[] = []
  let held = 0
  socket.on('data', (chunk: Buffer) => {
    for (held += chunk.length; held >= replyBytes; held -= replyBytes) waiting.shift()?.()
  })
  return {
    call: () =>
      new Promise<void>((resolve) => {
        waiting.push(resolve)
        socket.write(new Uint8Array(requestBytes))
      }),
    close: () => new Promise((resolve) => child.on('close', resolve).kill('SIGKILL')),
  }
}
