// When the node dies, even by SIGKILL, no plugin process outlives it by more than a second: with setpriv the
// kernel ends them, without it each ends itself when its pipe to the node closes.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { isRunning } from './left-over.js'

const MOST_MS = 1000
const HOST = fileURLToPath(new URL('./doomed-host.js', import.meta.url))

interface Host {
  readonly pid: number
  /** Idle, waiting, looping. */
  readonly plugins: readonly number[]
}

async function startHost(t: Test, path: string): Promise<Host> {
  const child = spawn(process.execPath, [HOST], {
    env: { PATH: path, TMPDIR: scratch }, // what a killed node cannot remove, the test does
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.teardown(() => child.kill('SIGKILL'))
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  const plugins = JSON.parse(line) as readonly number[]
  t.teardown(() => {
    for (const pid of plugins) if (isRunning(pid)) process.kill(pid, 'SIGKILL')
  })
  return { pid: child.pid ?? 0, plugins }
}

/** @returns how long the last of them ran on, ms, and who still runs after twice the limit */
async function killAndWait({ pid, plugins }: Host): Promise<{ tookMs: number; running: readonly number[] }> {
  const startedAt = performance.now()
  process.kill(pid, 'SIGKILL')
  for (;;) {
    const tookMs = performance.now() - startedAt
    const running = plugins.filter(isRunning)
    if (running.length === 0 || tookMs > 2 * MOST_MS) return { tookMs, running }
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

const scratch = mkdtempSync(join(tmpdir(), 'bulkhead-scratch-'))
t.teardown(() => rmSync(scratch, { recursive: true }))
const empty = mkdtempSync(join(tmpdir(), 'bulkhead-no-programs-'))
t.teardown(() => rmSync(empty, { recursive: true }))
const { PATH = '' } = process.env

for (const [how, path] of [
  ['with setpriv', PATH],
  ['without setpriv', empty],
] as const) {
  t.test(`no plugin outlives a killed node, ${how}`, { timeout: 60_000 }, async (t) => {
    const host = await startHost(t, path)
    t.equal(host.plugins.filter(isRunning).length, 3, 'three plugin processes run')
    const { tookMs, running } = await killAndWait(host)
    t.same(running, [], 'none of them runs any more')
    t.ok(tookMs < MOST_MS, `the last was gone after ${Math.round(tookMs)} ms`)
  })
}

t.test('with setpriv not even a stopped plugin outlives the node', { timeout: 60_000 }, async (t) => {
  const host = await startHost(t, PATH)
  const [idle = 0] = host.plugins
  process.kill(idle, 'SIGSTOP')
  const { tookMs, running } = await killAndWait(host)
  t.same(running, [], 'the kernel ends it')
  t.ok(tookMs < MOST_MS, `the last was gone after ${Math.round(tookMs)} ms`)
})
