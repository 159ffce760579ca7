// No way that a plugin takes to a file leads past its grant: asserted on what is read, made, changed and told.
import { execFileSync } from 'node:child_process'
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { fileThread, grantOf, makeWorld, outcome, SECRET, usual, type World } from './fs-world.js'
import type { Thread } from './thread.js'

t.setTimeout(60_000)

interface Usual {
  readonly world: World
  readonly thread: Thread
}

async function start(t: Test, rules = usual, files = 64): Promise<Usual> {
  const world = makeWorld(t)
  return { world, thread: await fileThread(t, grantOf(world, rules(world)), { files }) }
}

/** Expressions that try to get at what is outside; `ROOT` stands for the real directory around home and data. */
const READS: readonly string[] = [
  'fs.readFileSync("ROOT/outside/secret.txt", "utf8")',
  'fs.readFileSync("/plugin/../outside/secret.txt", "utf8")',
  'fs.readFileSync("ROOT/home/../outside/secret.txt", "utf8")',
  'fs.readFileSync("ROOT/home//..//outside/secret.txt", "utf8")',
  'fs.readFileSync("ROOT/home/./sub/../../outside/secret.txt", "utf8")',
  'fs.readFileSync(Buffer.from("ROOT/outside/secret.txt"), "utf8")',
  'fs.readFileSync(new TextEncoder().encode("/plugin/../outside/secret.txt"), "utf8")',
  'fs.readFileSync(new URL("file://ROOT/outside/secret.txt"), "utf8")',
  'fs.readFileSync(new URL("file:///plugin/%2e%2e/outside/secret.txt"), "utf8")',
  'fs.readFileSync("link-out", "utf8")',
  'fs.readFileSync("dir-out/secret.txt", "utf8")',
  'fs.readFileSync("sub/../dir-out/secret.txt", "utf8")',
  'fs.readFileSync("/data/made-link/secret.txt", "utf8")',
  'fs.promises.readFile("link-out", "utf8")',
  'fs.promises.open("link-out").then((file) => file.readFile("utf8"))',
  'fs.createReadStream("link-out", "utf8").toArray().then((all) => all.join(""))',
  'fs.copyFileSync("link-out", "/data/copy")',
  'fs.copyFileSync("ROOT/outside/secret.txt", "/data/copy")',
  'fs.linkSync("ROOT/outside/secret.txt", "/data/linked")',
  'fs.linkSync("link-out", "/data/linked")',
  'fs.renameSync("ROOT/outside/secret.txt", "/data/moved")',
  'fs.renameSync("dir-out/secret.txt", "/data/moved")',
  'fs.readdirSync("ROOT").join()',
  'fs.readdirSync("..").join()',
  'fs.readdirSync("/plugin/..").join()',
  'fs.readdirSync("dir-out").join()',
  'fs.opendirSync("ROOT/outside").readSync().name',
  'fs.readdirSync(".", { recursive: true }).join().includes("secret") ? "listed" : fs.readdirSync("/")',
  'fs.statSync("ROOT/outside/secret.txt").size',
  'fs.statSync("link-out").size',
  'fs.realpathSync("link-out")',
  'fs.realpathSync.native("dir-out")',
  'fs.readlinkSync("link-out")',
  'fs.readlinkSync("dir-out")',
  'fs.accessSync("ROOT/outside/secret.txt")',
  'fs.lstatSync("ROOT/outside").size',
  'fs.watch("ROOT/outside")',
  'fs.readFileSync("/proc/self/environ", "latin1")',
  'fs.readFileSync("/proc/self/cmdline", "latin1")',
  'fs.readFileSync("/proc/self/maps", "latin1")',
  'fs.readdirSync("/proc/self/fd").join()',
  'fs.readlinkSync("/proc/self/cwd")',
  'fs.readFileSync("/proc/self/root/etc/hostname", "utf8")',
  'fs.readFileSync("/proc/self/fd/0", "utf8")',
  'fs.readFileSync("/proc/thread-self/environ", "utf8")',
  'fs.readFileSync("/dev/stdin", "utf8")',
  'fs.readFileSync("/dev/fd/0", "utf8")',
  'fs.readFileSync("/dev/urandom", { length: 1 })',
  'fs.openSync("/dev/null")',
  'fs.readFileSync("/etc/passwd", "utf8")',
  'fs.openSync("/data/f", 0x200000)',
  'fs.openSync("/data", fs.constants.O_RDWR | 0x410000, 0o600)',
  'fs.openSync("/data/f", 3)',
  'fs.readFileSync("words.txt\\0/../../outside/secret.txt", "utf8")',
  'fs.readFileSync(Buffer.from([0x77, 0, 0x78]), "utf8")',
  'fs.readFileSync(Buffer.from([0xff, 0xfe]), "utf8")',
]

t.test('nothing outside is read, listed or told of', async (t) => {
  const { world, thread } = await start(t)
  symlinkSync(world.outside, join(world.data, 'made-link'))
  writeFileSync(join(world.data, 'f'), 'mine')
  for (const template of READS) {
    const expression = template.replaceAll('ROOT', world.root)
    const result = await outcome(thread, expression)
    t.match(
      result,
      { code: /^(EACCES|ENOENT|EINVAL|ELOOP|ERR_INVALID_ARG_VALUE|ERR_INVALID_ARG_TYPE)$/ },
      `${template} is refused`,
    )
    t.notOk(JSON.stringify(result ?? '').includes(SECRET), `${template}: no secret`)
    if (!template.includes('ROOT')) {
      t.notOk(JSON.stringify(result ?? '').includes(world.root), `${template}: no path of the host`)
    }
  }
  t.same(readdirSync(world.data).toSorted(), ['f', 'made-link'], 'nothing came to be in data')
  t.equal(readFileSync(world.secret, 'utf8'), SECRET)
})

const WRITES: readonly string[] = [
  'fs.writeFileSync("ROOT/outside/secret.txt", "taken")',
  'fs.writeFileSync("/data/../outside/new", "taken")',
  'fs.writeFileSync("words.txt", "taken")',
  'fs.writeFileSync("new.txt", "taken")',
  'fs.writeFileSync("/data/out/secret.txt", "taken")',
  'fs.writeFileSync("/data/out/new.txt", "taken")',
  'fs.writeFileSync("/data/secret", "taken")',
  'fs.writeFileSync("/data/secret", "taken", { flag: "a" })',
  'fs.writeFileSync("/data/dangling", "taken")',
  'fs.writeFileSync("/data/dangling", "taken", { flag: "wx" })',
  'fs.openSync("/data/secret", "r+")',
  'fs.openSync("/data/secret", fs.constants.O_WRONLY | fs.constants.O_TRUNC)',
  'fs.openSync("words.txt", fs.constants.O_RDONLY | fs.constants.O_TRUNC)',
  'fs.appendFileSync("/data/out/secret.txt", "taken")',
  'fs.truncateSync("/data/secret")',
  'fs.promises.truncate("link-out")',
  'fs.promises.writeFile("link-out", "taken")',
  'fs.mkdirSync("ROOT/outside/made")',
  'fs.mkdirSync("/data/out/made")',
  'fs.mkdirSync("/data/out/made/deep", { recursive: true })',
  'fs.mkdirSync("/data/../outside/made", { recursive: true })',
  'fs.mkdtempSync("ROOT/outside/made-")',
  'fs.mkdtempSync("/data/../made-")',
  'fs.mkdtempSync("/data/out/made-")',
  'fs.mkdtempSync("../made-")',
  'fs.unlinkSync("ROOT/outside/secret.txt")',
  'fs.unlinkSync("/data/out/secret.txt")',
  'fs.rmSync("/data/out/secret.txt", { force: true })',
  'fs.rmSync("ROOT/outside", { recursive: true, force: true })',
  'fs.rmSync("/data/../outside", { recursive: true, force: true })',
  'fs.rmdirSync("ROOT/outside/empty")',
  'fs.rmdirSync("/data/out/empty")',
  'fs.renameSync("/data/mine", "ROOT/outside/mine")',
  'fs.renameSync("/data/mine", "/data/out/mine")',
  'fs.renameSync("/data/mine", "words.txt")',
  'fs.renameSync("words.txt", "/data/words.txt")',
  'fs.linkSync("/data/mine", "ROOT/outside/mine")',
  'fs.linkSync("words.txt", "/data/words.txt")',
  'fs.linkSync("/data/mine", "/data/out/mine")',
  'fs.copyFileSync("/data/mine", "/data/out/mine")',
  'fs.copyFileSync("/data/mine", "/data/secret")',
  'fs.chmodSync("ROOT/outside/secret.txt", 0o777)',
  'fs.chmodSync("/data/secret", 0o777)',
  'fs.utimesSync("/data/secret", 1, 1)',
  'fs.lutimesSync("/data/out/secret.txt", 1, 1)',
  'new Promise((done, fail) => fs.createWriteStream("/data/secret").on("error", fail).on("finish", done).end("taken"))',
  'fs.writeFileSync("/dev/shm/taken", "taken")',
  'fs.writeFileSync("/proc/self/comm", "taken")',
  'fs.writeFileSync("/proc/self/fd/1", "taken")',
]

t.test('nothing outside is made, changed or removed', async (t) => {
  const { world, thread } = await start(t)
  symlinkSync(world.outside, join(world.data, 'out'))
  symlinkSync(world.secret, join(world.data, 'secret'))
  symlinkSync(join(world.outside, 'dangling'), join(world.data, 'dangling'))
  writeFileSync(join(world.data, 'mine'), 'mine')
  mkdirSync(join(world.outside, 'empty'))
  const before = statSync(world.secret)
  for (const template of WRITES) {
    const expression = template.replaceAll('ROOT', world.root)
    t.match(await outcome(thread, expression), { code: /^(EACCES|ELOOP|EINVAL|EEXIST)$/ }, template)
  }
  t.equal(readFileSync(world.secret, 'utf8'), SECRET)
  t.match(statSync(world.secret), { mode: before.mode, mtimeMs: before.mtimeMs, nlink: 1 })
  t.same(readdirSync(world.outside).toSorted(), ['empty', 'secret.txt'])
  t.same(readdirSync(world.root).toSorted(), ['data', 'home', 'outside'])
  t.equal(readFileSync(join(world.home, 'words.txt'), 'utf8'), 'one two')
  t.same(readdirSync(world.data).toSorted(), ['dangling', 'mine', 'out', 'secret'])
  t.notOk(existsSync('/dev/shm/taken'))
})

t.test('rm of a directory with a link in it takes the link and leaves what it points to', async (t) => {
  const { world, thread } = await start(t)
  mkdirSync(join(world.data, 'tree'))
  symlinkSync(world.outside, join(world.data, 'tree/out'))
  await outcome(thread, 'fs.promises.rm("/data/tree", { recursive: true })')
  t.notOk(existsSync(join(world.data, 'tree')))
  t.equal(readFileSync(world.secret, 'utf8'), SECRET)
})

t.test('a grant to write is none to read, by no detour', async (t) => {
  const { world, thread } = await start(t, ({ home, data }) => ({
    fs: { read: [`${home}/**`, `${data}/open/**`], write: [`${data}/**`] },
  }))
  mkdirSync(join(world.data, 'open'))
  writeFileSync(join(world.data, 'hidden'), SECRET)
  for (const expression of [
    'fs.readFileSync("/data/hidden", "utf8")',
    'fs.openSync("/data/hidden", "r+")',
    'fs.openSync("/data/hidden", "a+")',
    'fs.readdirSync("/data").join()',
    'fs.statSync("/data/hidden").size',
    'fs.renameSync("/data/hidden", "/data/open/seen")',
    'fs.linkSync("/data/hidden", "/data/open/seen")',
    'fs.copyFileSync("/data/hidden", "/data/open/seen")',
    '(() => { const id = fs.openSync("/data/hidden", fs.constants.O_WRONLY); return fs.readSync(id, Buffer.alloc(9)) })()',
    '(() => { const id = fs.openSync("/data/hidden", fs.constants.O_WRONLY); return fs.readFileSync(id, "utf8") })()',
  ]) {
    t.match(await outcome(thread, expression), { code: /^(EACCES|EBADF)$/ }, expression)
  }
  t.same((await outcome(thread, 'fs.writeFileSync("/data/new", "x")')) ?? 'done', 'done', 'writing works')
  t.same(await outcome(thread, 'fs.mkdirSync("/data/a/b", { recursive: true })'), '/data/a')
  t.same(
    (await outcome(thread, '(fs.renameSync("/data/new", "/data/a/b/new"), fs.rmSync("/data/a/b/new"))')) ??
      'done',
    'done',
  )
  t.same(readdirSync(join(world.data, 'open')), [])
})

t.test('what is always denied stays denied within a wide grant, and its place is not told', async (t) => {
  const world = makeWorld(t)
  const grant = grantOf(
    world,
    { fs: { read: [`${world.home}/**`, `${world.outside}/**`] } },
    { read: [world.outside], write: [world.outside] },
  )
  const thread = await fileThread(t, grant)
  const error = await outcome(thread, `fs.readFileSync('dir-out/secret.txt')`)
  t.match(error, { code: 'EACCES', rule: 'always denied to plugins' })
  t.notOk(JSON.stringify(error).includes(world.root))
})

t.test('paths that no system has are refused as Node refuses them', async (t) => {
  const { thread } = await start(t)
  for (const path of ['"a\\0b"', 'Buffer.from("a\\0b")', 'new URL("file:///plugin/a%00b")']) {
    t.match(await outcome(thread, `fs.readFileSync(${path})`), { code: 'ERR_INVALID_ARG_VALUE' }, path)
  }
  t.match(await outcome(thread, 'fs.readFileSync("")'), { code: 'ENOENT' })
  t.match(await outcome(thread, 'fs.readFileSync("x".repeat(5000))'), { code: 'ENAMETOOLONG' })
  for (const path of [
    'undefined',
    'null',
    '{}',
    '[]',
    '() => 0',
    'Symbol("a")',
    'new URL("http://a.test/x")',
    'new URL("file://host/x")',
    'new URL("file:///a%2fb")',
  ]) {
    t.match(await outcome(thread, `fs.readFileSync(${path})`), { code: /^ERR_INVALID/ }, path)
  }
})

t.test('an argument that changes between two readings is read once', async (t) => {
  const { world, thread } = await start(t)
  const shifty = `(() => { let n = 0; const next = () => n++ === 0 ? '/plugin/words.txt' : '${world.secret}'; return { toString: next, valueOf: next, [Symbol.toPrimitive]: next, get href() { return 'file://' + next() }, get length() { return 3 } } })()`
  for (const expression of [
    `fs.readFileSync(${shifty}, 'utf8')`,
    `fs.readFileSync(Object.setPrototypeOf(${shifty}, String.prototype), 'utf8')`,
    `fs.readFileSync(Object.setPrototypeOf(${shifty}, URL.prototype), 'utf8')`,
    `fs.readFileSync(Object.setPrototypeOf(${shifty}, Uint8Array.prototype), 'utf8')`,
    `fs.readFileSync(new Proxy(new URL('file:///plugin/words.txt'), { get: () => 'file://${world.secret}' }), 'utf8')`,
    `fs.readFileSync(Object.defineProperty(Buffer.from('/plugin/words.txt'), 'toString', { value: () => '${world.secret}' }), 'utf8')`,
    `fs.readFileSync(new (class extends String { toString() { return '${world.secret}' } })('/plugin/words.txt'), 'utf8')`,
    `fs.readFileSync(new (class extends URL { get href() { return 'file://${world.secret}' } })('file:///plugin/words.txt'), 'utf8')`,
    `fs.openSync('/plugin/words.txt', { [Symbol.toPrimitive]: () => 2 })`,
    `fs.readFileSync({ length: 5, toString: () => '${world.secret}' })`,
  ]) {
    t.notOk(JSON.stringify((await outcome(thread, expression)) ?? '').includes(SECRET), expression)
  }
})

t.test('a poisoned prototype of the plugin gives it nothing that it had not', async (t) => {
  const { world, thread } = await start(t)
  await thread.evaluate(`
    const outside = '${world.secret}'
    Buffer.from = () => new Uint8Array(4)
    Buffer.prototype.toString = () => outside
    Buffer.isEncoding = () => true
    require('url').fileURLToPath = () => outside
    require('path').posix.normalize = require('path').normalize = () => outside
    require('events').prototype.emit = function () { globalThis.self = this }
    require('stream').Readable.prototype.push = function (chunk) { globalThis.chunk = chunk }
    for (const change of [
      () => { String.prototype.startsWith = () => true }, () => { Array.prototype.map = () => [] },
      () => { Promise.prototype.then = () => 0 }, () => { Object.prototype.fd = 1 }, () => { Uint8Array.prototype.slice = 0 },
      () => { require('fs').constants.O_NOFOLLOW = 0 }, () => { Map.prototype.get = () => ({ descriptor: 0 }) },
    ]) { try { change() } catch {} }`)
  for (const expression of [
    `fs.readFileSync('link-out', 'utf8')`,
    `fs.readFileSync(Buffer.alloc(3), 'utf8')`,
    `fs.readFileSync(new URL('file:///plugin/link-out'), 'utf8')`,
    `fs.promises.readFile('dir-out/secret.txt')`,
  ]) {
    const result = await outcome(thread, expression)
    t.match(result, { code: /EACCES|ERR_INVALID/ }, expression)
  }
  t.equal(await outcome(thread, `fs.openSync('words.txt') >= 10`), true, 'and what is granted still works')
})

t.test('what a plugin does to the memory of a read or a write reaches nothing else', async (t) => {
  const { thread } = await start(t)
  const away = 'structuredClone(buffer.buffer, { transfer: [buffer.buffer] })'
  t.match(
    await outcome(
      thread,
      `(async () => { const file = await fs.promises.open('words.txt'); const buffer = new Uint8Array(7); const reading = file.read(buffer, 0, 7, 0); ${away}; try { await reading } catch (error) { return error.name } return buffer.length })()`,
    ),
    /TypeError|^0$/,
  )
  t.equal(
    await outcome(
      thread,
      `(async () => { const file = await fs.promises.open('/data/w', 'w+'); const buffer = new Uint8Array(200000).fill(65); const writing = file.write(buffer); ${away}; await writing; return String(await file.readFile()) .length })()`,
    ),
    0,
    'the position is at the end',
  )
  t.equal(await outcome(thread, `String(fs.readFileSync('/data/w')) === 'A'.repeat(200000)`), true)
  t.equal(
    await outcome(
      thread,
      `(async () => { const file = await fs.promises.open('/data/w', 'w+'); const buffer = new Uint8Array(2000000).fill(65); const writing = Array.from({ length: 16 }, () => file.write(buffer)); buffer.fill(66); await Promise.all(writing); return fs.readFileSync('/data/w').includes('B') })()`,
    ),
    false,
    'what is written is what it was when write was called',
  )
  t.equal(await outcome(thread, `fs.readFileSync('words.txt').buffer.byteLength`), 7, 'no shared pool')
})

t.test('a FIFO, a socket or a device stops no thread and opens only when it is named', async (t) => {
  const world = makeWorld(t)
  const fifo = join(world.data, 'fifo')
  const named = join(world.data, 'named-fifo')
  execFileSync('mkfifo', [fifo, named])
  const rules = {
    fs: {
      read: [`${world.data}/**`, named, '/dev/zero', '/proc/cpuinfo', '/dev/**'],
      write: [`${world.data}/**`, '/dev/null'],
    },
  }
  const thread = await fileThread(t, grantOf(world, rules))
  for (const expression of [
    'fs.readFileSync("/data/fifo")',
    'fs.openSync("/data/fifo", "w")',
    'fs.openSync("/data/fifo", "r+")',
    'fs.promises.readFile("/data/fifo")',
    'fs.createReadStream("/data/fifo").toArray()',
    'fs.copyFileSync("/data/fifo", "/data/copy")',
    'fs.openSync("/dev/urandom")',
    'fs.openSync("/dev/null", "r")',
    'fs.linkSync("/data/fifo", "/data/other")',
  ]) {
    t.match(await outcome(thread, expression), { code: /EACCES|EPERM/ }, expression)
  }
  t.equal(await outcome(thread, 'fs.openSync("/data/named-fifo") >= 10'), true, 'a FIFO that is named opens')
  t.equal(await outcome(thread, 'fs.readSync(fs.openSync("/dev/zero"), Buffer.alloc(5))'), 5)
  t.equal(await outcome(thread, 'fs.readFileSync("/proc/cpuinfo").length > 0'), true)
  t.equal(await outcome(thread, 'fs.writeSync(fs.openSync("/dev/null", "w"), "away")'), 4)
})

t.test(
  'a link that is swapped while files are opened shows no foreign content',
  { skip: process.platform !== 'linux' },
  async (t) => {
    const { world, thread } = await start(t)
    mkdirSync(join(world.data, 'real'))
    for (const name of ['secret.txt', 'other']) writeFileSync(join(world.data, 'real', name), 'mine')
    // Another process swaps as fast as it can: a directory for a link to outside, a file for a link.
    const swap = `
    const fs = require('fs'); const [data, outside] = process.argv.slice(1)
    for (;;) {
      try { fs.renameSync(data + '/real', data + '/aside'); fs.symlinkSync(outside, data + '/real') } catch {}
      try { fs.unlinkSync(data + '/real') } catch {}
      try { fs.renameSync(data + '/aside', data + '/real') } catch {}
    }`
    const { spawn } = await import('node:child_process')
    const swapper = spawn(process.execPath, ['-e', swap, world.data, world.outside], { stdio: 'ignore' })
    const seen = await outcome(
      thread,
      `(() => {
      const seen = { reads: 0, refused: 0, missing: 0, foreign: 0 }
      const end = Date.now() + 3000
      while (Date.now() < end) {
        for (const name of ['secret.txt', 'other']) {
          try {
            if (fs.readFileSync('/data/real/' + name, 'utf8') === 'mine') seen.reads++; else seen.foreign++
          } catch (error) { if (error.code === 'EACCES') seen.refused++; else seen.missing++ }
          try { fs.writeFileSync('/data/real/secret.txt', 'mine') } catch {}
        }
      }
      return seen
    })()`,
    )
    swapper.kill('SIGKILL')
    t.comment(JSON.stringify(seen))
    t.match(seen, { foreign: 0 })
    t.ok((seen as { reads: number }).reads > 0 && (seen as { refused: number }).refused > 0, 'both happened')
    t.equal(readFileSync(world.secret, 'utf8'), SECRET, 'nothing was written through the link')
  },
)

t.test('a file that is a hard link from outside is what the directory says it is', async (t) => {
  const { world, thread } = await start(t)
  linkSync(join(world.home, 'words.txt'), join(world.data, 'same'))
  t.equal(
    await outcome(thread, 'fs.readFileSync("/data/same", "utf8")'),
    'one two',
    'made by the operator, not by the plugin',
  )
  t.match(await outcome(thread, 'fs.linkSync("words.txt", "/data/mine")'), { code: 'EACCES' })
})

t.test('open files and watchers are counted, capped and gone after a stop', async (t) => {
  const { thread } = await start(t, usual, 3)
  await thread.evaluate(`
    const fs = require('fs')
    globalThis.ids = [fs.openSync('words.txt'), fs.openSync('words.txt')]
    globalThis.watcher = fs.watch('/data')`)
  for (const expression of [
    'fs.openSync("words.txt")',
    'fs.watch("/data")',
    'fs.readFileSync("words.txt")',
  ]) {
    t.match(await outcome(thread, expression), { code: 'EMFILE', message: /limits\.files/ }, expression)
  }
  await outcome(thread, 'fs.closeSync(globalThis.ids[0])')
  t.equal(await outcome(thread, 'fs.readFileSync("words.txt", "utf8")'), 'one two', 'room again')
  t.match(
    await outcome(thread, 'fs.closeSync(globalThis.ids[0])'),
    { code: 'EBADF' },
    'a closed number is gone',
  )
  const open = (): number => Number(readdirSync('/proc/self/fd').length)
  const before = open()
  await thread.send({ kind: 'teardown' })
  t.ok(open() < before, 'the descriptors are closed')
  for (const expression of [
    'fs.readFileSync("words.txt")',
    'fs.promises.readFile("words.txt")',
    'fs.statSync("words.txt")',
    'fs.readSync(globalThis.ids[1], Buffer.alloc(1))',
    'fs.watch("/data")',
    'fs.mkdirSync("/data/x")',
    'new Promise((done, fail) => fs.readdir("/data", (error, names) => error ? fail(error) : done(names)))',
  ]) {
    t.match(await outcome(thread, expression), { code: 'PLUGIN_STOPPED' }, expression)
  }
})

t.test('callbacks come later, without a this, and what they throw is reported', async (t) => {
  const { thread } = await start(t)
  t.same(
    await outcome(
      thread,
      `new Promise((done) => { let later = false; fs.stat('words.txt', function (...args) { done([later, this === undefined, args.length, args[0]]) }); later = true })`,
    ),
    [true, true, 2, null],
  )
  await outcome(thread, `fs.stat('words.txt', () => { throw new Error('thrown by a callback') })`)
  await thread.send({ kind: 'turn' })
  await thread.send({ kind: 'turn' })
  t.match(await thread.logs(), [['error', /thrown by a callback/]])
  t.match(await outcome(thread, `fs.stat('words.txt')`), { code: 'ERR_INVALID_ARG_TYPE' })
})

t.test('a reading larger than the memory outside the heap is refused before it is made', async (t) => {
  const { world, thread } = await start(t)
  writeFileSync(join(world.data, 'big'), '')
  truncateSync(join(world.data, 'big'), 100 * 1024 * 1024)
  t.match(await outcome(thread, 'fs.readFileSync("/data/big")'), {
    code: 'ERR_FS_FILE_TOO_LARGE',
    message: /externalMb/,
  })
  t.match(await outcome(thread, 'fs.promises.readFile("/data/big")'), { code: 'ERR_FS_FILE_TOO_LARGE' })
  t.equal(
    await outcome(
      thread,
      '(async () => { let sum = 0; for await (const chunk of fs.createReadStream("/data/big")) sum += chunk.length; return sum })()',
    ),
    100 * 1024 * 1024,
    'in pieces it can be read',
  )
})

t.test('names and errors speak of /plugin and /data only', async (t) => {
  const { world, thread } = await start(t)
  const told = await outcome(
    thread,
    `(async () => {
      const caught = (work) => { try { return work() } catch (error) { return [String(error), error.stack, JSON.stringify(error)] } }
      const handle = await fs.promises.open('/data/x', 'w')
      const told = [
        fs.realpathSync('.'), fs.realpathSync('/data'), fs.mkdtempSync('/data/t-'), fs.mkdirSync('/data/p/q', { recursive: true }),
        fs.readdirSync('.', { withFileTypes: true, recursive: true }).map((entry) => [entry.parentPath, entry.path, entry.name]),
        fs.opendirSync('/data').path, fs.createReadStream('words.txt').on('error', () => 0).path, JSON.stringify(handle), JSON.stringify(fs.statSync('.')),
        ...['nope', '/data/nope/x', '${world.home}', '/data'].map((path) => caught(() => fs.readFileSync(path))),
        caught(() => fs.rmdirSync('/data/p')), caught(() => fs.renameSync('/data/nope', '/data/other')), caught(() => fs.mkdirSync('/data/p')),
      ]
      await handle.close()
      return JSON.stringify(told.filter((text) => !String(text).includes("'${world.home}'")))
    })()`,
  )
  t.type(told, 'string')
  t.notOk(String(told).includes(world.root), String(told))
  t.match(told, /ENOENT: no such file or directory, open 'nope'/)
  t.match(told, /ENOTEMPTY: directory not empty, rmdir '\/data\/p'/)
})
