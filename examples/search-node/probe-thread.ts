/**
 * The probe's own thread: one search every few ms over HTTP, whatever the node does.
 * It runs beside the node's event loop, so a stall of the node shows as latency instead
 * of hiding the searches that were due meanwhile.
 */
import { Agent, get } from 'node:http'
import { parentPort, workerData } from 'node:worker_threads'
import type { ProbeSample } from './latency.js'

export interface ProbeSettings {
  /** Full URLs, searched in turn. */
  readonly urls: readonly string[]
  readonly everyMs: number
  /** A search without an answer by then has failed. */
  readonly timeoutMs: number
}

const { urls, everyMs, timeoutMs } = workerData as ProbeSettings
const port = parentPort
const agent = new Agent({ keepAlive: true })
const startedAt = performance.now()
let sent = 0
let waiting = 0
let stopping = false

function search(url: string): void {
  const sentAt = performance.now()
  waiting += 1
  const done = (status: number): void => {
    waiting -= 1
    const sample: ProbeSample = {
      atMs: performance.timeOrigin + sentAt,
      tookMs: performance.now() - sentAt,
      status,
    }
    port?.postMessage(sample)
    finish()
  }
  let answering = false
  const request = get(url, { agent, timeout: timeoutMs }, (response) => {
    answering = true
    response.resume()
    response.once('close', () => {
      done(response.complete ? (response.statusCode ?? 0) : 0)
    })
  })
  request.once('timeout', () => request.destroy())
  request.on('error', () => {
    if (!answering) done(0)
  })
}

/** Sends what is due by now, also what a busy machine made late; answers are not waited for. */
const timer = setInterval(() => {
  for (; startedAt + sent * everyMs <= performance.now(); sent += 1) search(urls[sent % urls.length] ?? '')
}, everyMs)

function finish(): void {
  if (!stopping || waiting > 0) return
  agent.destroy()
  port?.close()
}

port?.once('message', () => {
  stopping = true
  clearInterval(timer)
  finish()
})
