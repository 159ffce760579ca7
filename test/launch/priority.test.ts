// A lowered process is behind this one by every way the kernel counts: each of its threads, and its autogroup.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { getPriority } from 'node:os'
import t from 'tap'
import { threadNiceness } from '../../lib/cli/doctor/system.js'
import { setNiceness } from '../../lib/launch/priority.js'

const skip = process.platform === 'linux' ? false : 'threads have a niceness of their own on Linux'

t.test('all threads and the autogroup of a process are lowered', { skip }, async (t) => {
  const child = spawn(process.execPath, ['-e', 'console.log(1); setTimeout(() => undefined, 30000)'], {
    detached: true,
  })
  t.teardown(() => child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  const pid = child.pid ?? 0
  const before = threadNiceness(pid) ?? []
  t.ok(before.length > 1, 'it has several threads')
  setNiceness(pid, 7)
  t.same(
    threadNiceness(pid),
    before.map(() => Math.min(19, getPriority() + 7)),
  )
  const group = `/proc/${pid}/autogroup`
  if (
    existsSync(group) &&
    readFileSync('/proc/sys/kernel/sched_autogroup_enabled', 'latin1').startsWith('1')
  ) {
    const wanted = `nice ${Math.min(19, getPriority() + 7)}`
    const text = (): string => readFileSync(group, 'latin1').trim()
    // Without privileges the kernel lets others go first for a while.
    for (let looks = 0; looks < 300 && !text().endsWith(wanted); looks++)
      await new Promise((resolve) => setTimeout(resolve, 20))
    t.ok(text().endsWith(wanted), text())
  }
  setNiceness(pid, 100)
  t.same(new Set(threadNiceness(pid)), new Set([19]), 'the lowest there is')
  setNiceness(0x7fff_ffff, 5) // no such process: nothing is thrown
})
