// A plugin's data directory never holds more than its limit, by whatever call it writes, and what is deleted can be
// written again. Each way runs in the plugin's thread; what is measured is the disk.
import { execFileSync } from 'node:child_process'
import { chmodSync, lstatSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { measureDirectory } from '../../lib/launch/measure-directory.js'
import { fileThread, grantOf, makeWorld, outcome, usual } from './fs-world.js'

const MIB = 1_048_576

t.setTimeout(110_000)

/** Each goes on until it is refused; `n` counts its turns. */
const WAYS: Readonly<Record<string, string>> = {
  'one file that grows': `fs.appendFileSync('/data/a', Buffer.alloc(50_000))`,
  'files of one byte': `fs.writeFileSync('/data/' + n, 'x')`,
  'empty files': `fs.closeSync(fs.openSync('/data/' + n, 'w'))`,
  directories: `fs.mkdirSync('/data/' + n)`,
  'directories by the path': `fs.mkdirSync('/data/' + n + '/a/b', { recursive: true })`,
  'hard links': `n === 0 ? fs.writeFileSync('/data/a', Buffer.alloc(20_000)) : fs.linkSync('/data/a', '/data/' + n)`,
  copies: `n === 0 ? fs.writeFileSync('/data/a', Buffer.alloc(100_000)) : fs.copyFileSync('/data/a', '/data/' + n)`,
  'bytes far apart': `{ const fd = n === 0 ? (globalThis.fd = fs.openSync('/data/a', 'w')) : globalThis.fd; fs.writeSync(fd, Buffer.from('x'), 0, 1, n * 8192) }`,
  'a promise at a time': `await fs.promises.appendFile('/data/a', Buffer.alloc(50_000))`,
  'many promises at once': `await Promise.all([1, 2, 3, 4, 5].map((i) => fs.promises.writeFile('/data/' + n + i, Buffer.alloc(300_000))))`,
  'a stream': `await new Promise((done, fail) => fs.createWriteStream('/data/' + n).on('error', fail).end(Buffer.alloc(200_000), (error) => (error ? fail(error) : done())))`,
  'files moved in': `{ fs.writeFileSync('/plugin/out/a', Buffer.alloc(100_000)); fs.renameSync('/plugin/out/a', '/data/' + n) }`,
  'a directory moved in': `{ fs.mkdirSync('/plugin/out/d'); for (const i of [1, 2, 3]) fs.writeFileSync('/plugin/out/d/' + i, Buffer.alloc(60_000)); fs.renameSync('/plugin/out/d', '/data/' + n) }`,
}

t.test('every way of writing ends at the limit', async (t) => {
  const world = makeWorld(t)
  mkdirSync(join(world.home, 'out'))
  const rules = usual(world)
  const write = [...(rules.fs?.write ?? []), `${world.home}/out/**`]
  const grant = grantOf(world, { fs: { ...rules.fs, write } })
  const thread = await fileThread(t, { ...grant, limits: { ...grant.limits, dataMb: 1 } })
  for (const [name, code] of Object.entries(WAYS)) {
    const found = await outcome(
      thread,
      `(async () => { for (let n = 0; n < 3000; n++) { ${code} } return 'never refused' })()`,
    )
    t.match(found, { code: 'EDQUOT', errno: -constants.errno.EDQUOT }, name)
    const bytes = (await measureDirectory(world.data)) ?? 0
    t.ok(bytes <= MIB, `${name}: ${bytes} bytes`)
    t.ok(bytes > MIB / 2, `${name}: the limit is not far away either: ${bytes}`)
    // A file that is open still takes its room when it has no name any more.
    await outcome(
      thread,
      `globalThis.fd === undefined ? 0 : (fs.closeSync(globalThis.fd), delete globalThis.fd)`,
    )
    for (const entry of readdirSync(world.data)) rmSync(join(world.data, entry), { recursive: true })
    rmSync(join(world.home, 'out'), { recursive: true })
    mkdirSync(join(world.home, 'out'))
  }
  t.match(await outcome(thread, `fs.writeFileSync('/data/a', '')`), undefined)
  t.match(await outcome(thread, `fs.truncateSync('/data/a', 2e6)`), { code: 'EDQUOT', syscall: 'ftruncate' })
  t.equal(lstatSync(join(world.data, 'a')).size, 0)
  t.match(await outcome(thread, `fs.writeFileSync('/data/a', 'room again')`), undefined)
  t.equal(lstatSync(join(world.data, 'a')).size, 10)
})

/** Each hides what it wrote before, so that no listing finds it. */
const HIDDEN: Readonly<Record<string, string>> = {
  'removed while they are open': `{ const fd = fs.openSync('/data/a', 'w'); fs.writeSync(fd, Buffer.alloc(100_000)); fs.unlinkSync('/data/a'); (globalThis.open ??= []).push(fd) }`,
  'in a directory that may not be listed': `{ if (n === 0) fs.mkdirSync('/data/d', 0o300); fs.writeFileSync('/data/d/' + n, Buffer.alloc(100_000)) }`,
  'in one that is closed afterwards': `{ fs.mkdirSync('/data/' + n); fs.writeFileSync('/data/' + n + '/a', Buffer.alloc(100_000)); fs.chmodSync('/data/' + n, 0) }`,
  'where no path reaches': `{
    const far = '/data' + ('/' + 'd'.repeat(250)).repeat(16)
    fs.mkdirSync(far, { recursive: true })
    fs.mkdirSync('/data/near')
    fs.writeFileSync('/data/near/' + 'f'.repeat(250), Buffer.alloc(100_000))
    fs.renameSync('/data/near', far + '/' + n)
  }`,
}

t.test('nothing is written beyond the limit by hiding what was written before', async (t) => {
  for (const [name, code] of Object.entries(HIDDEN)) {
    const world = makeWorld(t)
    const grant = grantOf(world, usual(world))
    const thread = await fileThread(t, { ...grant, limits: { ...grant.limits, dataMb: 1 } })
    const turns = `globalThis.turns = 0`
    const fill = `(async () => { for (let n = 0; n < 30; n++) { ${code}; globalThis.turns++ } return 'never refused' })()`
    t.equal(await outcome(thread, turns), 0)
    t.match(await outcome(thread, fill), { code: 'EDQUOT' }, name)
    const written = Number(await outcome(thread, 'globalThis.turns'))
    t.ok(written > 0 && written <= 10, `${name}: ${written} files of 100,000 bytes`)
    if (name !== 'removed while they are open') t.equal(await measureDirectory(world.data), Infinity, name)
    // Node's own rm gets no further than the plugin's measurement does.
    execFileSync('chmod', ['-R', 'u+rwX', world.data])
    execFileSync('rm', ['-rf', world.data])
  }
})

t.test('a full directory can be read, emptied and then written', async (t) => {
  const world = makeWorld(t)
  writeFileSync(join(world.data, 'old'), Buffer.alloc(3 * MIB))
  const grant = grantOf(world, usual(world))
  const thread = await fileThread(t, { ...grant, limits: { ...grant.limits, dataMb: 1 } })
  t.match(await outcome(thread, `fs.writeFileSync('/data/new', 'x')`), {
    code: 'EDQUOT',
    syscall: 'open',
    path: '/data/new',
    message: /limits\.dataMb/,
  })
  t.equal(await outcome(thread, `fs.readFileSync('/data/old').length`), 3 * MIB)
  t.match(await outcome(thread, `fs.appendFileSync('/data/old', 'x')`), { code: 'EDQUOT', syscall: 'write' })
  t.equal(await outcome(thread, `fs.truncateSync('/data/old', 100) ?? 'done'`), 'done')
  t.equal(await outcome(thread, `fs.writeFileSync('/data/new', 'x') ?? 'done'`), 'done')
})

t.test('only the data directory counts', async (t) => {
  const world = makeWorld(t)
  const grant = grantOf(world, { fs: { write: [`${world.outside}/**`, `${world.data}/**`] } })
  const thread = await fileThread(t, { ...grant, limits: { ...grant.limits, dataMb: 1 } })
  const write = `fs.writeFileSync(${JSON.stringify(join(world.outside, 'big'))}, Buffer.alloc(2e6)) ?? 'done'`
  t.equal(await outcome(thread, write), 'done')
})

t.test('where only a part of it may be written, that part is counted', async (t) => {
  const world = makeWorld(t)
  mkdirSync(join(world.data, 'part'))
  const grant = grantOf(world, { fs: { write: [`${world.data}/part/**`] } })
  const thread = await fileThread(t, { ...grant, limits: { ...grant.limits, dataMb: 1 } })
  const fill = `(async () => { for (let n = 0; n < 60; n++) fs.writeFileSync('/data/part/' + n, Buffer.alloc(50_000)) })()`
  t.match(await outcome(thread, fill), { code: 'EDQUOT' })
  t.ok(((await measureDirectory(world.data)) ?? 0) <= MIB + 4096)
})

t.test('the host counts what it can read, and follows no link', async (t) => {
  const world = makeWorld(t)
  t.equal(await measureDirectory(world.data), 0)
  t.equal(await measureDirectory(join(world.data, 'missing')), null)
  writeFileSync(join(world.data, 'a'), Buffer.alloc(100_000))
  mkdirSync(join(world.data, 'closed'))
  const before = (await measureDirectory(world.data)) ?? 0
  t.ok(before >= 104_000 && before < 150_000, String(before))
  const home = (await measureDirectory(world.home)) ?? 0
  t.ok(home <= 10 * 4096, `links are entries: ${home}`)
  chmodSync(join(world.data, 'closed'), 0)
  t.equal(await measureDirectory(world.data), Infinity, 'what is in there it cannot know')
})
