// A copy is bounded, can be given up at any file, and a directory is replaced whole or not at all.
import { renameSync, symlinkSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { copyDirectory } from '../../lib/cli/install/copy-directory.js'
import { makeStaging, replaceDirectory } from '../../lib/cli/install/replace-directory.js'
import { directoryOf } from './command.js'

const NEVER = new AbortController().signal

t.test('bounds', async (t) => {
  const root = await directoryOf(t, { 'from/a/b.txt': 'x'.repeat(1000), 'from/c.txt': 'y' })
  const copy = async (files: number, bytes: number): Promise<object> => {
    const to = await makeStaging(join(root, 'to'))
    return copyDirectory(join(root, 'from'), to, NEVER, { files, bytes })
  }
  t.match(await copy(3, 1001), { files: 3, bytes: 1001, leftOut: [] })
  await t.rejects(copy(2, 1001), { code: 'COMMAND_FAILED', detail: { message: /more than 2 files/ } })
  await t.rejects(copy(3, 1000), { code: 'COMMAND_FAILED', detail: { message: /more than 0 MiB/ } })
})

t.test('a copy that is given up ends with the reason', async (t) => {
  const root = await directoryOf(t, { 'from/a.txt': 'x' })
  const to = await makeStaging(join(root, 'to'))
  const reason = new Error('interrupted')
  await t.rejects(copyDirectory(join(root, 'from'), to, AbortSignal.abort(reason)), reason)
  t.same(await readdir(to), [])
})

t.test('a directory that becomes a link while it is copied gives nothing away', async (t) => {
  const root = await directoryOf(t, { 'from/data/key': 'own', 'outside/key': 'secret' })
  const to = await makeStaging(join(root, 'to'))
  const { signal } = new AbortController()
  let looks = 0
  // It is looked at before each entry: here between the listing of `from` and that of `data`.
  signal.throwIfAborted = () => {
    if (looks++ > 0) return
    renameSync(join(root, 'from/data'), join(root, 'data'))
    symlinkSync(join(root, 'outside'), join(root, 'from/data'))
  }
  await t.rejects(copyDirectory(join(root, 'from'), to, signal), {
    code: 'COMMAND_FAILED',
    detail: { message: /data\/key is not where it was/ },
  })
  t.same(await readdir(join(to, 'data')), [])
})

t.test('a directory is replaced whole, or stays', async (t) => {
  const root = await directoryOf(t, { 'plugins/demo/old.txt': 'old' })
  const target = join(root, 'plugins/demo')
  const staged = async (): Promise<string> => {
    const staging = await makeStaging(target)
    await writeFile(join(staging, 'new.txt'), 'new')
    return staging
  }
  const refused = new Error('the rest failed')
  const fail = (): Promise<void> => Promise.reject(refused)
  await t.rejects(replaceDirectory(await staged(), target, fail), refused)
  t.same(await readdir(target), ['old.txt'])
  t.same(await readdir(join(root, 'plugins')), ['demo'])

  await t.rejects(replaceDirectory(join(root, 'nothing'), target, fail))
  t.same(await readdir(target), ['old.txt'], 'nothing to put there')

  await replaceDirectory(await staged(), target, () => Promise.resolve())
  t.equal(await readFile(join(target, 'new.txt'), 'utf8'), 'new')
  t.same(await readdir(join(root, 'plugins')), ['demo'])

  const fresh = join(root, 'plugins/fresh')
  const other = await makeStaging(fresh)
  await mkdir(join(other, 'x'))
  await t.rejects(replaceDirectory(other, fresh, fail), refused)
  t.same(await readdir(join(root, 'plugins')), ['demo'], 'there was none before')
})
