// In both isolations a plugin's files are those of its grant: what is granted works under Node's own permission
// flags, what is not is refused in the plugin's words, told to the node, and has no effect.
import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { runPlugin, type RunningPlugin, type RunPluginOptions } from '../../lib/testing/run-plugin.js'

t.setTimeout(90_000)

const SECRET = 'a secret that no plugin may read'
const SOURCE = `
import * as fs from 'node:fs'
import { readFile, writeFile } from 'fs/promises'
const told = (error) => ({ code: error.code, rule: error.rule, text: [String(error), error.stack, JSON.stringify(error)].join() })
export default { rest: [
  { method: 'POST', path: '/read', handle: async ({ body }) => ({ body: await readFile(body.path, 'utf8').then((text) => ({ text }), told) }) },
  { method: 'POST', path: '/write', handle: async ({ body }) => ({ body: await writeFile(body.path, 'written').then(() => ({ done: true }), told) }) },
  { method: 'POST', path: '/stream', handle: ({ body }) => ({ body: fs.createReadStream(body.path) }) },
  { method: 'GET', path: '/files', handle: (_, context) => ({ body: [context.home, fs.readdirSync(context.home), context.data, fs.existsSync(context.data)] }) },
] }`

async function start(t: Test, options: RunPluginOptions): Promise<RunningPlugin> {
  const plugin = await runPlugin({ source: SOURCE, ...options })
  t.teardown(() => plugin.stop())
  return plugin
}

function outside(t: Test): { readonly dir: string; readonly secret: string } {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'bulkhead-outside-')))
  t.teardown(() => rmSync(dir, { recursive: true }))
  writeFileSync(join(dir, 'secret.txt'), SECRET)
  execFileSync('mkfifo', [join(dir, 'fifo')])
  return { dir, secret: join(dir, 'secret.txt') }
}

const extensionPoints = ['rest:/**']
const ask = async (plugin: RunningPlugin, path: string, file: string): Promise<Record<string, unknown>> =>
  (await plugin.rest({ method: 'POST', path, body: { path: file } })).body as Record<string, unknown>

for (const isolation of ['process', 'thread'] as const) {
  t.test(`${isolation}: without a grant fs is there and each call is denied`, async (t) => {
    const { dir, secret } = outside(t)
    const plugin = await start(t, { isolation, policy: { grant: { extensionPoints } } })
    for (const file of [
      secret,
      '/plugin/index.ts',
      'index.ts',
      '/data/x',
      '/etc/passwd',
      '/proc/self/environ',
      process.cwd(),
    ]) {
      t.match(await ask(plugin, '/read', file), { code: 'EACCES', rule: 'nothing grants it' }, file)
    }
    t.match(await ask(plugin, '/write', join(dir, 'new')), { code: 'EACCES' })
    t.notOk(existsSync(join(dir, 'new')))
    t.equal(plugin.denials.length, 8, 'one denial a call')
    t.match(plugin.denials[0], { what: `fs.read ${secret}`, rule: 'nothing grants it' })
    t.equal(plugin.info().denials, 8)
    t.match(plugin.info(), { state: 'running', restarts: 0 })
  })

  t.test(`${isolation}: what is granted works, and no more`, async (t) => {
    const { dir, secret } = outside(t)
    const fs = { read: ['${plugin.home}/**', '${plugin.data}/**', `${dir}/*`], write: ['${plugin.data}/**'] }
    const plugin = await start(t, { isolation, policy: { grant: { extensionPoints, fs } } })
    const { home, data } = plugin.grant
    t.same((await plugin.rest({ method: 'GET', path: '/files' })).body, [
      '/plugin',
      ['index.ts', 'plugin.json'],
      '/data',
      true,
    ])
    t.match(await ask(plugin, '/read', 'index.ts'), { text: SOURCE })
    t.match(await ask(plugin, '/read', secret), { text: SECRET }, 'a directory of the machine')
    t.match(await ask(plugin, '/write', '/data/new'), { done: true })
    t.equal(readFileSync(join(data, 'new'), 'utf8'), 'written')

    writeFileSync(join(home, 'big'), 'x'.repeat(300_000))
    const { body } = await plugin.rest({ method: 'POST', path: '/stream', body: { path: 'big' } })
    let length = 0
    for await (const chunk of body as AsyncIterable<Uint8Array>) length += chunk.length
    t.equal(length, 300_000, 'a file is a body')

    symlinkSync('/etc', join(home, 'link'))
    symlinkSync(join(dir, 'taken'), join(data, 'dangling'))
    for (const [path, file] of [
      ['/read', 'link/passwd'],
      ['/read', '/plugin/../../../../../etc/passwd'],
      ['/read', join(dir, 'fifo')],
      ['/read', '/proc/self/environ'],
      ['/read', `/proc/${process.pid}/environ`],
      ['/write', 'index.ts'],
      ['/write', secret],
      ['/write', '/data/dangling'],
      ['/write', '/data/../other'],
    ] as const) {
      const answer = await ask(plugin, path, file)
      t.match(answer, { code: /EACCES|ELOOP/ }, `${path} ${file}`)
      t.notOk(String(answer['text']).includes(home.replace(/\/[^/]*$/, '')), 'no path of the host')
    }
    t.notOk(existsSync(join(dir, 'taken')))
    t.equal(readFileSync(secret, 'utf8'), SECRET)
    t.match(plugin.info(), { state: 'running', restarts: 0 })
  })
}
