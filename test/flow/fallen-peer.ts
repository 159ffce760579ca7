/**
 * A plugin thread that has fallen: a script in its place that speaks the protocol as far
 * as it must to be started, and then floods the host in one way, as fast as it can. It
 * holds none of the plugin's own side of any limit, so what bounds it is the host alone.
 */
import type * as net from 'node:net'
import type * as threads from 'node:worker_threads'

/** What it does once it has started. */
export type Fall =
  /** Answers each call with as much JSON as one message may have. */
  | 'largest replies'
  /** Log lines, as many as it is given credits for. */
  | 'notices'
  /** Log lines, credits or not. */
  | 'notices past the window'
  /** Pongs that nobody asked for. */
  | 'pongs'
  /** Answers, each byte written by itself. */
  | 'single bytes'
  /** A large frame that is never whole. */
  | 'half a frame'
  /** Chunks of a stream, past the window if its reader is slower. */
  | 'chunks without credits'
  /** Opens and ends streams of one call. */
  | 'streams that end'
  /** Cancels of calls that nobody made. */
  | 'cancels'

/** The script; it is given no module but node's own. */
export function fallenPeer(fall: Fall): Uint8Array {
  return Buffer.from(`(${main.toString()})(${JSON.stringify(fall)})`)
}

/** Runs in the plugin thread: nothing of this file is there. */
function main(fall: Fall): void {
  const { workerData } = require('node:worker_threads') as typeof threads
  const { Socket } = require('node:net') as typeof net
  const { transport, boot } = workerData as {
    transport: 'fd3' | threads.MessagePort
    boot: { generation: number; limits: { [key: string]: number } }
  }
  const KIND = {
    hello: 1,
    call: 2,
    reply: 3,
    cancel: 5,
    notice: 6,
    noticeCredit: 7,
    streamOpen: 8,
    streamChunk: 9,
    streamEnd: 10,
    ping: 14,
    pong: 15,
  }
  function frame(kind: number, id: number, aux = 0, method = '', body = '', section?: Buffer): Buffer {
    const text = Buffer.from(body)
    const head = Buffer.alloc(section === undefined ? 24 : 28)
    const total = head.length + method.length + text.length + (section?.length ?? 0)
    head.writeUInt32LE(total - 4, 0)
    head[4] = 1
    head[5] = kind
    head[6] = section === undefined ? 0 : 1
    head[7] = method.length
    head.writeUInt32LE(boot.generation, 8)
    head.writeUInt32LE(id, 12)
    head.writeUInt32LE(aux, 16)
    head.writeUInt32LE(text.length, 20)
    if (section !== undefined) head.writeUInt32LE(section.length, 24)
    return Buffer.concat([head, Buffer.from(method), text, ...(section === undefined ? [] : [section])])
  }
  const socket = transport === 'fd3' ? new Socket({ fd: 3 }) : undefined
  function send(bytes: Buffer): void {
    if (socket !== undefined) socket.write(bytes)
    else (transport as threads.MessagePort).postMessage(new Uint8Array(bytes))
  }
  /** Again and again, as fast as the transport takes it. */
  function flood(make: () => Buffer): void {
    if (socket === undefined) {
      const more = (): void => {
        for (let count = 0; count < 1000; count++) send(make())
        setImmediate(more)
      }
      return more()
    }
    const more = (): void => {
      while (socket.writableLength < 1_000_000) socket.write(make())
      setImmediate(more)
    }
    more()
  }
  const batch = (one: () => Buffer) => (): Buffer => Buffer.concat(Array.from({ length: 200 }, one))
  let credits = 128
  const line = (): Buffer =>
    frame(KIND.notice, 0, 0, 'log', JSON.stringify({ level: 'info', text: 'x'.repeat(40) }))
  function spendCredits(): void {
    while (credits > 0) {
      credits--
      send(line())
    }
  }
  let streams = 0
  const empty = { status: 200, headers: {}, body: { kind: 'none' } }
  function begin(): void {
    switch (fall) {
      case 'notices':
        return spendCredits()
      case 'notices past the window':
        return flood(batch(line))
      case 'pongs':
        return flood(batch(() => frame(KIND.pong, 12345)))
      case 'cancels':
        return flood(batch(() => frame(KIND.cancel, 0xffff_ffff)))
      case 'half a frame': {
        const large = frame(KIND.notice, 0, 0, 'log', JSON.stringify('x'.repeat(900_000)))
        return send(large.subarray(0, large.length - 10))
      }
      case 'largest replies':
      case 'single bytes':
      case 'chunks without credits':
      case 'streams that end':
        return // it floods with its answers
    }
  }
  function answer(id: number): void {
    switch (fall) {
      case 'largest replies': {
        const value = Array.from({ length: 150_000 }, (_, at) => at)
        return send(frame(KIND.reply, id, 0, '', JSON.stringify({ ...empty, body: { kind: 'json', value } })))
      }
      case 'single bytes':
        for (const byte of frame(KIND.reply, id, 0, '', JSON.stringify(empty))) send(Buffer.from([byte]))
        return
      case 'chunks without credits': {
        const chunk = Buffer.alloc(65_536)
        send(frame(KIND.streamOpen, streams++, id, 'reply'))
        send(frame(KIND.reply, id, 0, '', JSON.stringify({ ...empty, body: { kind: 'stream' } })))
        return flood(() => frame(KIND.streamChunk, 0, 0, '', '', chunk))
      }
      case 'streams that end':
        return flood(
          batch(() => {
            const stream = streams++
            return Buffer.concat([frame(KIND.streamOpen, stream, id, 'reply'), frame(KIND.streamEnd, stream)])
          }),
        )
      case 'notices':
      case 'notices past the window':
      case 'pongs':
      case 'cancels':
      case 'half a frame':
        return send(frame(KIND.reply, id, 0, '', JSON.stringify(empty)))
    }
  }
  let kept = Buffer.alloc(0)
  function take(bytes: Uint8Array): void {
    kept = Buffer.concat([kept, bytes])
    while (kept.length >= 4 && kept.length >= kept.readUInt32LE(0) + 4) {
      const length = kept.readUInt32LE(0) + 4
      const kind = kept[5]
      const id = kept.readUInt32LE(12)
      const aux = kept.readUInt32LE(16)
      const sections = kept[6] ?? 0
      const at = 24 + 4 * sections
      const method = kept.toString('latin1', at, at + (kept[7] ?? 0))
      kept = kept.subarray(length)
      if (kind === KIND.ping) send(frame(KIND.pong, id))
      else if (kind === KIND.noticeCredit) {
        credits += aux
        if (fall === 'notices') spendCredits()
      } else if (kind === KIND.call) {
        if (method === 'load') {
          const registrations = {
            rest: [{ method: 'GET', path: '/fallen' }],
            ingest: [],
            clusterStateListener: false,
          }
          send(frame(KIND.reply, id, 0, '', JSON.stringify({ registrations, startup: {} })))
        } else if (method === 'rest') answer(id)
        else {
          send(frame(KIND.reply, id, 0, '', 'null'))
          if (method === 'start') setTimeout(begin, 10)
        }
      }
    }
  }
  if (socket !== undefined) socket.on('data', take)
  else (transport as threads.MessagePort).on('message', take)
  const { callWindow, noticeWindow, maxStreams, streamWindow, maxFrameBytes, maxDepth } = boot.limits
  const windows = { callWindow, noticeWindow, maxStreams, streamWindow, maxFrameBytes, maxDepth }
  send(frame(KIND.hello, 0, 0, '', JSON.stringify({ windows, extra: { walls: [], startup: {} } })))
}
