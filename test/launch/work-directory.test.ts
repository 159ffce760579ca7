// Each child has an empty directory of its own; what a killed node left is gone after the next start, what another uses is not.
import { spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { makeWorkDirectory, openWorkDirectory } from '../../lib/launch/work-directory.js'

t.test('leftovers go, directories in use stay', async (t) => {
  const dataDir = realpathSync(mkdtempSync(join(tmpdir(), 'bulkhead-work-')))
  t.teardown(() => rmSync(dataDir, { recursive: true, force: true }))
  const { pid: gone } = spawnSync(process.execPath, ['--version'])
  const work = join(dataDir, '.work')
  const leftovers = [`${gone}-abcdef`, `${process.pid}-killed`, 'stray'].map((name) => join(work, name))
  for (const path of leftovers) {
    mkdirSync(path, { recursive: true })
    writeFileSync(join(path, 'file'), '')
  }
  const others = join(work, `${process.ppid}-abcdef`)
  mkdirSync(others)

  t.equal(openWorkDirectory(dataDir), work)
  for (let looks = 0; looks < 200 && leftovers.some((path) => existsSync(path)); looks++)
    await new Promise((resolve) => setTimeout(resolve, 10))
  t.same(readdirSync(work), [`${process.ppid}-abcdef`])

  const [one, two] = [makeWorkDirectory(work), makeWorkDirectory(work)]
  t.not(one.path, two.path)
  for (const { path } of [one, two]) t.equal(statSync(path).mode & 0o777, 0o700)
  openWorkDirectory(dataDir)
  await one.remove()
  t.ok(existsSync(two.path), 'a second service of this node takes nothing away')
  t.notOk(existsSync(one.path))
  await two.remove()
})

t.test('without room for a directory the one above has to do, and stays', async (t) => {
  const directory = makeWorkDirectory('/proc/no/such')
  t.equal(directory.path, '/proc/no/such')
  await directory.remove()
})
