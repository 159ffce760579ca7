/**
 * The probe's own thread: a search every few ms over HTTP, whatever the node does. It
 * runs beside the node's event loop, so a stall of the node shows as latency instead of
 * hiding the searches that were due meanwhile. It also looks at the node's memory, for
 * its peak.
 */
import { Agent, get } from 'node:http'
import process from 'node:process'
import { parentPort, workerData } from 'node:worker_threads'
import type { SearchSample } from './measure.js'
import type { ProbeAnswer, ProbeSettings } from './probe.js'
import { sameNumbers, wordAt } from './search-node.js'

const { port, everyMs, mostWaiting, timeoutMs } = workerData as ProbeSettings
const agent = new Agent({ keepAlive: true, maxSockets: mostWaiting })
const random = sameNumbers(2)
let samples: SearchSample[] = []
let peakBytes = 0
let waiting = 0
let stopping = false

function search(): void {
  const sentAt = performance.now()
  waiting += 1
  let over = false
  const done = (answered: boolean): void => {
    if (over) return
    over = true
    waiting -= 1
    const atMs = performance.timeOrigin + sentAt
    samples.push({ atMs, tookMs: performance.now() - sentAt, answered })
    finish()
  }
  const query = `${wordAt(random())}+${wordAt(random())}+${wordAt(random())}`
  const request = get({ host: '127.0.0.1', port, path: `/?q=${query}`, agent, timeout: timeoutMs })
  request.once('response', (response) => {
    response.resume().once('close', () => done(response.complete && response.statusCode === 200))
  })
  request.once('timeout', () => request.destroy())
  request.once('error', () => done(false))
}

for (let each = 0; each < mostWaiting; each++) search()
/** Answers are not waited for, but while the node owes some, no more are asked for: those that wait tell how long it is silent. */
const timer = setInterval(() => {
  peakBytes = Math.max(peakBytes, process.memoryUsage.rss())
  if (waiting < mostWaiting) search()
}, everyMs)

function finish(): void {
  if (!stopping || waiting > 0) return
  agent.destroy()
  parentPort?.close()
}

parentPort?.on('message', (message: 'take' | 'stop') => {
  if (message === 'stop') {
    stopping = true
    clearInterval(timer)
    return finish()
  }
  const answer: ProbeAnswer = { samples, peakBytes }
  parentPort?.postMessage(answer)
  samples = []
  peakBytes = process.memoryUsage.rss()
})
