/**
 * What a user would write instead, side by side with a real call: a bare worker with
 * postMessage, comlink over it, and a bare socketpair to a thread of a child process.
 * They carry the same bytes, and as a call takes a value and gives one, both ends make
 * and parse them; `moving` peers only move bytes that exist already. No peer has a
 * deadline, a check, an error code or a policy.
 */
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import type { Socket } from 'node:net'
import { Worker } from 'node:worker_threads'
import { wrap } from 'comlink'

const require = createRequire(import.meta.url)
const nodeEndpoint = require('comlink/dist/umd/node-adapter.js') as (port: Worker) => never

export interface Peer {
  /** One round trip. */
  call(): Promise<unknown>
  close(): Promise<unknown>
}

/** What both directions of a call carry. */
export interface Load {
  /** Value whose JSON is about as long as the frame of a real call. */
  readonly request: object
  readonly reply: object
}

export type Writes = 'merged' | 'one a message'
export type Work = 'making and parsing' | 'moving'

/** Text of `encode` and `decode` for the far side, which is another program. */
function codec(work: Work, value: object): string {
  const bytes = JSON.stringify(value).length
  return work === 'moving'
    ? `const encode = () => new Uint8Array(${bytes}); const decode = (bytes) => bytes`
    : `const value = ${JSON.stringify(value)}
       const encode = () => { const made = Buffer.from(JSON.stringify(value)); return new Uint8Array(made) }
       const decode = (bytes) => JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString())`
}

function encode(work: Work, value: object): Uint8Array {
  return work === 'moving'
    ? new Uint8Array(JSON.stringify(value).length)
    : new Uint8Array(Buffer.from(JSON.stringify(value)))
}

function decode(work: Work, bytes: Uint8Array): unknown {
  return work === 'moving'
    ? bytes
    : (JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString()) as unknown)
}

export function postMessagePeer(work: Work, { request, reply }: Load): Peer {
  const worker = new Worker(
    `const { parentPort } = require('node:worker_threads')
     ${codec(work, reply)}
     parentPort.on('message', (bytes) => { decode(bytes); parentPort.postMessage(encode()) })`,
    { eval: true, env: {}, execArgv: [] },
  )
  const waiting: ((value: unknown) => void)[] = []
  worker.on('message', (bytes: Uint8Array) => waiting.shift()?.(decode(work, bytes)))
  return {
    call: () =>
      new Promise((resolve) => {
        waiting.push(resolve)
        worker.postMessage(encode(work, request))
      }),
    close: () => worker.terminate(),
  }
}

export function comlinkPeer({ request, reply }: Load): Peer {
  const worker = new Worker(
    `const { parentPort } = require('node:worker_threads')
     const { expose } = require(${JSON.stringify(require.resolve('comlink'))})
     const adapter = require(${JSON.stringify(require.resolve('comlink/dist/umd/node-adapter.js'))})
     expose({ echo: () => (${JSON.stringify(reply)}) }, adapter(parentPort))`,
    { eval: true, env: {}, execArgv: [] },
  )
  const remote = wrap<{ echo(value: object): object }>(nodeEndpoint(worker))
  return { call: () => remote.echo(request), close: () => worker.terminate() }
}

function makeSender(socket: Socket, writes: Writes): (bytes: Uint8Array) => void {
  if (writes === 'merged') return (bytes) => void socket.write(bytes)
  const queue: Uint8Array[] = []
  let busy = false
  const next = (): void => {
    const bytes = busy ? undefined : queue.shift()
    if (bytes === undefined) return
    busy = true
    socket.write(bytes, () => {
      busy = false
      next()
    })
  }
  return (bytes) => {
    queue.push(bytes)
    next()
  }
}

/** The same for the far side, which is another program. */
const SENDER_TEXT: { readonly [Kind in Writes]: string } = {
  merged: '(socket) => (bytes) => socket.write(bytes)',
  'one a message': `(socket) => {
    const queue = []
    let busy = false
    const next = () => {
      if (busy || queue.length === 0) return
      busy = true
      socket.write(queue.shift(), () => { busy = false; next() })
    }
    return (bytes) => { queue.push(bytes); next() }
  }`,
}

/**
 * @param writes - 'merged': as Node does, which joins what is written while a write is under way;
 *   'one a message': the next write when the one before has left
 */
export function socketpairPeer(work: Work, writes: Writes, { request, reply }: Load): Peer {
  const requestBytes = encode(work, request).length
  const replyBytes = encode(work, reply).length
  const echo = `
    ${codec(work, reply)}
    const sender = ${SENDER_TEXT[writes]}
    const socket = new (require('node:net').Socket)({ fd: 3 })
    const send = sender(socket)
    let held = Buffer.alloc(0)
    socket.on('data', (chunk) => {
      held = held.length === 0 ? chunk : Buffer.concat([held, chunk])
      let at = 0
      for (; held.length - at >= ${requestBytes}; at += ${requestBytes}) { decode(held.subarray(at, at + ${requestBytes})); send(encode()) }
      held = held.subarray(at)
    })`
  const inThread = `new (require('node:worker_threads').Worker)(${JSON.stringify(echo)}, { eval: true, env: {}, execArgv: [] })`
  const child = spawn(process.execPath, ['-e', inThread], {
    env: {},
    stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
  })
  const socket = child.stdio[3] as Socket
  const send = makeSender(socket, writes)
  const waiting: ((value: unknown) => void)[] = []
  let held: Buffer = Buffer.alloc(0)
  socket.on('data', (chunk: Buffer) => {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk])
    let at = 0
    for (; held.length - at >= replyBytes; at += replyBytes)
      waiting.shift()?.(decode(work, held.subarray(at, at + replyBytes)))
    held = held.subarray(at)
  })
  return {
    call: () =>
      new Promise((resolve) => {
        waiting.push(resolve)
        send(encode(work, request))
      }),
    close: () => new Promise((resolve) => child.on('close', resolve).kill('SIGKILL')),
  }
}
