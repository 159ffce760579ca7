// Every export of node:fs and node:fs/promises, on each supported Node, is either there for plugins, denied
// without a grant and working within one, or listed as cut in docs/built-ins.md. An export that nobody knows fails.
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import * as hostFs from 'node:fs'
import * as hostPromises from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { fileThread, grantOf, makeWorld, outcome, usual, type World } from './fs-world.js'
import type { Thread } from './thread.js'

/** Names of Node that plugins do not have; docs/built-ins.md says why. A `Sync` form goes with its name. */
const CUT: readonly string[] = [
  'chown fchown lchown fchmod lchmod futimes fsync fdatasync symlink glob watchFile unwatchFile statfs',
  'mkdtempDisposable Utf8Stream',
].flatMap((line) => line.split(' '))

/** Members of Node's FileHandle that plugins do not have; those of CUT are not there either. */
const CUT_OF_HANDLES: readonly string[] = [
  'getAsyncId',
  'readLines',
  'sync',
  'datasync',
  'chmod',
  'chown',
  'utimes',
]

/** Arguments of each function that names a path; `$` becomes another number at each call. */
const CALLS: Readonly<Record<string, string>> = {
  stat: '"/data/f"',
  lstat: '"/data/f"',
  access: '"/data/f"',
  realpath: '"/data/f"',
  readlink: '"/data/l"',
  readdir: '"/data"',
  opendir: '"/data"',
  truncate: '"/data/t"',
  mkdir: '"/data/made$"',
  rmdir: '"/data/d$"',
  unlink: '"/data/u$"',
  rename: '"/data/r$", "/data/renamed$"',
  link: '"/data/f", "/data/h$"',
  chmod: '"/data/t", 0o600',
  utimes: '"/data/t", 1, 2',
  lutimes: '"/data/t", 1, 2',
  rm: '"/data/m$"',
  mkdtemp: '"/data/temporary-"',
  open: '"/data/f", "r"',
  readFile: '"/data/f"',
  writeFile: '"/data/w$", "x"',
  appendFile: '"/data/w$", "x"',
  copyFile: '"/data/f", "/data/copy$"',
  cp: '"/data/f", "/data/cp$"',
}
/** Functions of open files, whose numbers come from open. */
const OF_NUMBERS: Readonly<Record<string, string>> = {
  close: '',
  fstat: '',
  ftruncate: ', 0',
  read: ', Buffer.alloc(2), 0, 2, 0',
  write: ', Buffer.from("ab"), 0, 2, 0',
  readv: ', [Buffer.alloc(2)], 0',
  writev: ', [Buffer.from("ab")], 0',
}
/** What has a shape of its own: denied as `denied` says, within a grant as `allowed`. */
const OTHERS: Readonly<
  Record<string, { readonly run: string; readonly denied: unknown; readonly allowed: unknown }>
> = {
  existsSync: { run: 'fs.existsSync("/data/f")', denied: false, allowed: true },
  exists: { run: 'new Promise((done) => fs.exists("/data/f", done))', denied: false, allowed: true },
  createReadStream: {
    run: 'fs.createReadStream("/data/f", "utf8").toArray().then((all) => all.join(""))',
    denied: { code: 'EACCES' },
    allowed: 'content',
  },
  createWriteStream: {
    run: 'new Promise((done, fail) => fs.createWriteStream("/data/s").on("error", fail).on("finish", () => done("written")).end("x"))',
    denied: { code: 'EACCES' },
    allowed: 'written',
  },
  openAsBlob: {
    run: 'fs.openAsBlob("/data/f", { type: "A/b" }).then(async (blob) => [blob.type, await blob.slice(1, 4).text(), await new Blob(["<", blob, ">"]).text()])',
    denied: { code: 'EACCES' },
    allowed: ['a/b', 'ont', '<content>'],
  },
  openAsBlobSync: {
    run: 'fs.openAsBlobSync("/data/f").text()',
    denied: { code: 'EACCES' },
    allowed: 'content',
  },
  watch: {
    run: '(() => { const watcher = fs.watch("/data"); watcher.close(); return "watched" })()',
    denied: { code: 'EACCES' },
    allowed: 'watched',
  },
}
/** Same classes and values under names that need no call of their own. */
const SHAPES = [
  'Stats Dirent Dir ReadStream WriteStream FileReadStream FileWriteStream constants promises F_OK R_OK W_OK X_OK',
].flatMap((line) => line.split(' '))

const base = (name: string): string => name.replace(/Sync$/, '')

function furnish({ data }: World): void {
  writeFileSync(join(data, 'f'), 'content')
  writeFileSync(join(data, 't'), 'content')
  symlinkSync('f', join(data, 'l'))
  for (let count = 0; count < 10; count++) {
    for (const name of ['u', 'r', 'm']) writeFileSync(join(data, `${name}${count}`), 'content')
    mkdirSync(join(data, `d${count}`))
  }
}

t.test('every export of this Node is known: there for plugins, or cut with a reason', async (t) => {
  const thread = await fileThread(t, grantOf(makeWorld(t), {}))
  const page = readFileSync('docs/built-ins.md', 'utf8')
  for (const [module, host] of [
    ['fs', hostFs],
    ['fs/promises', hostPromises],
  ] as const) {
    const own = (await thread.value(`Object.keys(require('${module}'))`)) as readonly string[]
    for (const name of Object.keys(host)) {
      if (name === 'default' || name === 'module.exports' || name === '_toUnixTimestamp') continue
      const isCut = CUT.includes(base(name))
      t.equal(own.includes(name), !isCut, `${module}.${name} is ${isCut ? 'cut' : 'there'}`)
      if (isCut) t.ok(page.includes(`\`${base(name)}\``), `docs/built-ins.md says why ${name} is cut`)
    }
    for (const name of own) {
      const known = { ...CALLS, ...OF_NUMBERS, ...OTHERS }
      t.ok(
        Object.hasOwn(known, base(name)) || Object.hasOwn(known, name) || SHAPES.includes(name),
        `${module}.${name} is in a table here`,
      )
    }
  }
})

/** Each form that this function has: at once, with a callback, as a promise. */
function forms(name: string, args: string): readonly string[] {
  const numbered = (form: number): string => args.replaceAll('$', String(form))
  return [
    `fs.${name}Sync(${numbered(0)})`,
    `new Promise((done, fail) => fs.${name}(${numbered(1)}, (error, value) => error ? fail(error) : done(value)))`,
    `fs.promises.${name}(${numbered(2)})`,
    `require('util').promisify(fs.${name})(${numbered(3)})`,
  ]
}

async function failed(thread: Thread, expression: string): Promise<unknown> {
  return outcome(thread, `(async () => { await (${expression}); return 'it worked' })()`)
}

t.test('without a grant each call is denied as the API itself denies, and reported once', async (t) => {
  const world = makeWorld(t)
  furnish(world)
  const thread = await fileThread(t, grantOf(world, {}))
  for (const [name, args] of Object.entries(CALLS)) {
    for (const expression of forms(name, args)) {
      const error = await failed(thread, expression)
      t.match(error, { code: 'EACCES', errno: -13, rule: 'nothing grants it', path: /^\/data/ }, expression)
      t.equal(((await thread.send({ kind: 'denials' })) as unknown[]).length, 1, `${expression}: one report`)
    }
  }
  for (const [name, args] of Object.entries(OF_NUMBERS)) {
    for (const id of [0, 1, 2, 3, 10, 11, 20]) {
      const call = `fs.${name}Sync(${id}${args})`
      t.match(await failed(thread, call), { code: 'EBADF' }, `${call}: no descriptor of the process`)
    }
  }
  for (const { run, denied } of Object.values(OTHERS)) t.match(await outcome(thread, run), denied, run)
})

t.test('within the grant each call works, in each form', async (t) => {
  const world = makeWorld(t)
  furnish(world)
  const thread = await fileThread(t, grantOf(world, usual(world)))
  for (const [name, args] of Object.entries(CALLS)) {
    for (const expression of forms(name, args))
      t.equal(await failed(thread, expression), 'it worked', expression)
  }
  for (const [name, args] of Object.entries(OF_NUMBERS)) {
    const call = `fs.${name}Sync(fs.openSync('/data/t', 'r+')${args})`
    const callback = `new Promise((done, fail) => fs.${name}(fs.openSync('/data/t', 'r+')${args}, (error) => error ? fail(error) : done()))`
    t.equal(await failed(thread, call), 'it worked', call)
    t.equal(await failed(thread, callback), 'it worked', callback)
  }
  for (const { run, allowed } of Object.values(OTHERS)) t.match(await outcome(thread, run), allowed, run)
  t.same(await thread.send({ kind: 'denials' }), [], 'nothing was reported')
})

t.test('every member of the FileHandle of this Node is known', async (t) => {
  const world = makeWorld(t)
  furnish(world)
  const page = readFileSync('docs/built-ins.md', 'utf8')
  const thread = await fileThread(t, grantOf(world, usual(world)))
  const handle = await hostPromises.open(join(world.data, 'f'))
  t.teardown(() => handle.close())
  const names = Object.getOwnPropertyNames(Object.getPrototypeOf(handle))
  const own = (await thread.value(
    `(async () => { const it = await require('fs').promises.open('/data/f'); try { return ${JSON.stringify(names)}.filter((name) => name in it) } finally { await it.close() } })()`,
  )) as readonly string[]
  for (const name of names) {
    const isCut = CUT_OF_HANDLES.includes(name)
    t.equal(own.includes(name), !isCut, `FileHandle.${name} is ${isCut ? 'cut' : 'there'}`)
    if (isCut)
      t.ok(
        [`\`${name}\``, `.${name}\``].some((text) => page.includes(text)),
        `docs/built-ins.md says why ${name} is cut`,
      )
  }
})

const OPEN = `const it = await fs.promises.open('/data/f')
  const caught = async (run) => { try { return await run() } catch (error) { return [error.name, error.code, error.cause?.code] } }`
const WEB: readonly (readonly [promise: string, body: string, expected: unknown])[] = [
  [
    'a web stream gives the bytes and leaves the file open',
    `${OPEN}; let text = ''; for await (const chunk of it.readableWebStream()) text += Buffer.from(chunk)
     const open = it.fd > 0; await it.close(); return [text, open]`,
    ['content', true],
  ],
  [
    'autoClose closes it at the end and at a cancel',
    `${OPEN}; for await (const chunk of it.readableWebStream({ autoClose: true }));
     const other = await fs.promises.open('/data/f'); await other.readableWebStream({ autoClose: true }).cancel()
     return [it.fd, other.fd]`,
    [-1, -1],
  ],
  [
    'a handle has one web stream, and none once it is closed',
    `${OPEN}; it.readableWebStream(); const twice = await caught(() => it.readableWebStream()); await it.close()
     return [twice, await caught(() => it.readableWebStream())].map(([, code]) => code)`,
    ['ERR_INVALID_STATE', 'ERR_INVALID_STATE'],
  ],
  [
    'a stream ends when its handle is closed, also for a reader with memory of its own',
    `${OPEN}; const reader = it.readableWebStream().getReader({ mode: 'byob' })
     const texts = []
     for (let left = 2; left > 0; left--) texts.push(Buffer.from((await reader.read(new Uint8Array(4))).value).toString())
     await it.close(); return [texts, (await reader.read(new Uint8Array(4))).done]`,
    [['cont', 'ent'], true],
  ],
  [
    'a blob streams a file that is larger than one chunk',
    `fs.writeFileSync('/data/long', 'x'.repeat(200_000)); const blob = await fs.openAsBlob('/data/long')
     let size = 0; for await (const chunk of blob.stream()) size += chunk.length; return [size, blob.size]`,
    [200_000, 200_000],
  ],
  [
    'a blob whose file has changed cannot be read, and keeps its size',
    `${OPEN}; await it.close(); fs.writeFileSync('/data/changed', 'one'); const blob = await fs.openAsBlob('/data/changed')
     fs.appendFileSync('/data/changed', 'two'); return [blob.size, ...(await caught(() => blob.text()))]`,
    [3, 'NotReadableError', 0, null],
  ],
  [
    'a blob whose file is gone says why',
    `${OPEN}; await it.close(); fs.writeFileSync('/data/gone', 'one'); const blob = await fs.openAsBlob('/data/gone')
     fs.unlinkSync('/data/gone'); return caught(() => blob.text())`,
    ['NotReadableError', 0, 'ENOENT'],
  ],
  [
    'no file of a blob stays open',
    `const blob = await fs.openAsBlob('/data/f'); const before = fs.openSync('/data/f'); fs.closeSync(before)
     for (let left = 200; left > 0; left--) await blob.text()
     return fs.openSync('/data/f') > 0`,
    true,
  ],
]

t.test('a file as a Blob and as a web stream', async (t) => {
  const world = makeWorld(t)
  furnish(world)
  const thread = await fileThread(t, grantOf(world, usual(world)))
  for (const [promise, body, expected] of WEB) {
    t.same(await thread.value(`(async () => { const fs = require('fs'); ${body} })()`), expected, promise)
  }
})
