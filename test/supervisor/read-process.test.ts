// The host reads a process by itself: its memory, time, threads, descriptors and the processes it started.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import t from 'tap'
import { readProcess } from '../../lib/launch/read-process.js'
import { parseStat } from '../../lib/supervisor/proc-stat.js'

const STAT =
  '42 (a (b) c) S 1 42 42 0 -1 4194304 4379 0 0 0 81 19 0 0 20 0 8 0 2380902 1631875072 13123 18446744073709551615 1 2 3'

const TEXTS: readonly [string, string, ReturnType<typeof parseStat>][] = [
  ['a name with brackets and spaces', STAT, { cpuMs: 1000, threads: 8, rssBytes: 13_123 * 4096 }],
  ['one that ended', STAT.replace(') S', ') Z'), null],
  ['nothing', '', null],
  ['something else', '42 (node) S 1 2', null],
]
for (const [name, text, expected] of TEXTS) {
  t.test(name, async (t) => {
    t.same(parseStat(text), expected)
  })
}

/** Says a line for each step, and takes the next one when a line comes. */
const SCRIPT = `
const fs = require('fs'), { spawn } = require('child_process')
let child
const steps = [
  () => { for (let n = 0; n < 40; n++) fs.openSync('/dev/null') },
  () => { child = spawn('sleep', ['60'], { stdio: 'ignore' }) },
  () => { const until = process.cpuUsage().user + 150_000; while (process.cpuUsage().user < until); globalThis.kept = Buffer.alloc(64e6, 1) },
  () => { child.kill('SIGKILL'); process.exit() },
]
process.stdin.on('data', () => { steps.shift()(); console.log('done') })
console.log('ready')`

t.test('a process as it goes on', { skip: process.platform !== 'linux' }, async (t) => {
  const child = spawn(process.execPath, ['-e', SCRIPT], { stdio: ['pipe', 'pipe', 'inherit'] })
  t.teardown(() => child.kill('SIGKILL'))
  const exited = once(child, 'exit')
  const next = async (): Promise<void> => {
    const said = once(child.stdout, 'data')
    child.stdin.write('\n')
    await said
  }
  await once(child.stdout, 'data')
  const reading = readProcess(child.pid ?? 0)
  const before = reading.usage()
  const descriptors = await reading.descriptors()
  if (before === null || descriptors === null) throw new Error('it cannot be read')
  t.ok(before.rssBytes > 10e6 && before.threads >= 5)
  t.equal(await reading.children(), 0)

  await next()
  t.equal(await reading.descriptors(), descriptors + 40)
  await next()
  t.equal(await reading.children(), 1)
  await next()
  const after = reading.usage()
  t.ok((after?.rssBytes ?? 0) > before.rssBytes + 60e6, 'its memory')
  t.ok((after?.cpuMs ?? 0) >= before.cpuMs + 100, 'its time')

  child.stdin.write('\n')
  await exited
  t.equal(reading.usage(), null, 'one that is gone')
  t.equal(await reading.descriptors(), null)
  reading.close()
  reading.close()
  t.equal(await reading.children(), null, 'one that is not asked any more')
})

t.test('no process', async (t) => {
  const reading = readProcess(0)
  t.equal(reading.usage(), null)
  t.equal(await reading.children(), null)
})

const taskset = process.platform === 'linux' && existsSync('/usr/bin/taskset')
t.test('how long it waited for a core that another has', { skip: !taskset }, async (t) => {
  const spin = ['-c', '0', process.execPath, '-e', "console.log('spins'); for (;;);"]
  const both = [1, 2].map(() => spawn('/usr/bin/taskset', spin, { stdio: ['ignore', 'pipe', 'inherit'] }))
  t.teardown(() => both.forEach((child) => child.kill('SIGKILL')))
  await Promise.all(both.map((child) => once(child.stdout, 'data')))
  const reading = readProcess(both[0]?.pid ?? 0)
  t.teardown(() => reading.close())
  t.equal(reading.waitedMs(), 0, 'from the first look on')
  let waitedMs = 0
  for (let looks = 0; looks < 200 && waitedMs < 100; looks++) {
    await new Promise((resolve) => setTimeout(resolve, 20))
    waitedMs += reading.waitedMs()
  }
  t.ok(waitedMs >= 100, `${Math.round(waitedMs)} ms`)
})
