// `bulkhead run` runs plugins without a search node: what a node would refuse is refused, what happens is shown, and Ctrl-C leaves nothing behind.
import { createServer, type AddressInfo } from 'node:net'
import { existsSync, readFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import t from 'tap'
import { bulkhead, directoryOf, pluginFiles, REST_GRANT, start } from './command.js'

const HELLO = pluginFiles({
  name: 'hello',
  grant: { ...REST_GRANT, settings: ['greeting.*'] },
  source: `
import { definePlugin } from 'bulkhead/plugin'
export default definePlugin({
  start(context) { context.log.info('hello', '\\u001b[31m', JSON.stringify(context.settings)) },
  stop(context) { context.log.info('goodbye') },
  rest: [
    { method: 'GET', path: '/hello/{name}', handle: ({ params, query }) => ({ headers: { 'x-by': 'hello' }, body: { hello: params['name'], query } }) },
    { method: 'POST', path: '/echo', handle: ({ body }) => ({ status: 201, body }) },
  ],
})
`,
})

interface RunDocument {
  readonly ok: boolean
  readonly url: string | null
  readonly plugins: readonly {
    readonly name: string
    readonly state: string
    readonly pid: number | null
    readonly isolation: string
    readonly lastError: { readonly code: string } | null
  }[]
}

t.test('a plugin without an approval does not start and is shown with the approval to write', async (t) => {
  const root = await directoryOf(t, HELLO)
  const { code, out } = await bulkhead(['run', 'plugins', '--once'], { cwd: root })
  t.equal(code, 1)
  t.match(out, /hello did not start\n\s+APPROVAL_MISSING/)
  t.match(out, /write this to policies\/hello\.json/)
  t.match(JSON.parse(out.slice(out.indexOf('{'), out.lastIndexOf('}') + 1)), { plugin: 'hello' })
})

t.test('--trust approves for one run, says so loudly and writes nothing', async (t) => {
  const root = await directoryOf(t, HELLO)
  for (const isolation of ['process', 'thread']) {
    const args = ['run', 'plugins/hello', '--once', '--trust', '--isolation', isolation]
    const { code, out, err } = await bulkhead(args, { cwd: root })
    t.equal(code, 0, isolation)
    t.match(err, /WARNING {2}--trust/)
    t.match(out, new RegExp(`hello +1\\.2\\.3 +running +${isolation}`))
    t.match(out, /info {2}goodbye/, 'it was asked to stop')
  }
  t.notOk(existsSync(join(root, 'policies')))
  t.equal((await bulkhead(['run', 'plugins', '--once'], { cwd: root })).code, 1, 'the next run asks again')
})

t.test('a broken plugin does not keep a good one from running', async (t) => {
  const root = await directoryOf(t, {
    ...HELLO,
    ...pluginFiles({ name: 'throws', source: `throw new RangeError('not today')` }),
  })
  const { code, out } = await bulkhead(['run', 'plugins', '--once', '--trust', '--json'], { cwd: root })
  t.equal(code, 1)
  const { ok, plugins } = JSON.parse(out) as RunDocument
  t.equal(ok, false)
  t.match(plugins, [
    { name: 'hello', state: 'running', lastError: null },
    { name: 'throws', state: 'quarantined', lastError: { code: 'PLUGIN_START_FAILED' } },
  ])
})

t.test('the node’s settings come from a file, and log lines cannot carry control characters', async (t) => {
  const root = await directoryOf(t, {
    ...HELLO,
    'settings.json': '{ "greeting": { "word": "salut" }, "other": 1 }',
    'list.json': '[]',
    'broken.json': '{',
  })
  const args = ['run', 'plugins', '--once', '--trust', '--settings']
  const { out } = await bulkhead([...args, 'settings.json'], { cwd: root })
  t.match(out, 'hello \\x1b[31m {"greeting.word":"salut"}')
  for (const file of ['list.json', 'broken.json']) {
    const { code, err } = await bulkhead([...args, file], { cwd: root })
    t.equal(code, 2, file)
    t.match(err, file)
  }
})

t.test('--audit-log appends what plugins did and tried, and stands outside their places', async (t) => {
  const root = await directoryOf(t, { ...HELLO, 'policies/none.txt': '' })
  const args = ['run', 'plugins', '--trust', '--once', '--audit-log']
  for (let runs = 1; runs <= 2; runs++) {
    t.equal((await bulkhead([...args, 'audit.log'], { cwd: root })).code, 0)
    const lines = readFileSync(join(root, 'audit.log'), 'utf8').trimEnd().split('\n')
    t.equal(lines.length, 2 * runs)
    t.match(JSON.parse(lines.at(-2) ?? '') as unknown, {
      plugin: 'hello',
      operation: 'extensionPoint',
      resource: 'rest:/hello/{name}',
      allowed: true,
      rule: /^request\.grant\.extensionPoints/,
      count: 1,
    })
  }
  for (const [file, says] of [
    ['plugins/audit.log', /CONFIG_INVALID.*auditLog/s],
    ['policies', /AUDIT_LOG_UNUSABLE.*a directory stands there/s],
    ['absent/audit.log', /AUDIT_LOG_UNUSABLE.*directory does not exist/s],
  ] as const) {
    const { code, err } = await bulkhead([...args, file], { cwd: root })
    t.not(code, 0, file)
    t.match(err, says, file)
    t.notOk(existsSync(join(root, 'plugins/audit.log')))
  }
})

interface Answer {
  readonly status: number | undefined
  readonly headers: NodeJS.Dict<string | string[]>
  readonly body: string
}

function ask(
  base: string,
  path: string,
  options: {
    readonly method?: string
    readonly headers?: { readonly [name: string]: string }
    readonly body?: string
  } = {},
): Promise<Answer> {
  const { method = 'GET', headers = {}, body } = options
  return new Promise((resolve, reject) => {
    const sent = request(new URL(path, base), { method, headers }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => (text += part))
      response.on('end', () =>
        resolve({ status: response.statusCode, headers: response.headers, body: text }),
      )
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

t.test('REST is served on loopback until Ctrl-C, which stops everything and exits with 0', async (t) => {
  const root = await directoryOf(t, HELLO)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    const run = start(t, ['run', 'plugins', '--trust', '--port', '0', '--json'], { cwd: root })
    const { url, plugins } = JSON.parse(await run.says(/\n}\n$/)) as RunDocument
    if (url === null) throw new Error('no url')

    const got = await ask(url, '/hello/w%C3%B6rld?loud=yes')
    t.equal(got.status, 200)
    t.equal(got.headers['x-by'], 'hello')
    t.same(JSON.parse(got.body), { hello: 'wörld', query: { loud: 'yes' } })
    const json = { 'content-type': 'application/json' }
    t.match(await ask(url, '/echo', { method: 'POST', headers: json, body: '{"a":[1]}' }), {
      status: 201,
      body: '{"a":[1]}',
    })
    t.match(await ask(url, '/echo', { method: 'POST', headers: json, body: '{' }), { status: 400 })
    t.match(await ask(url, '/nothing'), { status: 404, body: /EXTENSION_NOT_FOUND/ })
    t.match(await ask(url, '/echo'), { status: 405, headers: { allow: 'POST' } })
    t.match(await ask(url, '/hello/x', { headers: { host: 'evil.test' } }), { status: 403 })

    const [plugin] = plugins
    t.doesNotThrow(() => process.kill(plugin?.pid ?? 0, 0), 'the plugin has a process')
    run.child.kill(signal)
    const { code, out, err } = await run.ended
    t.equal(code, 0, signal)
    t.doesNotThrow(() => JSON.parse(out) as unknown, 'standard output is one document')
    t.match(err, /goodbye/)
    t.throws(() => process.kill(plugin?.pid ?? 0, 0), { code: 'ESRCH' }, 'its process is gone')
  }
})

t.test('a port that is taken is no reason to guess another one', async (t) => {
  const root = await directoryOf(t, HELLO)
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  const args = ['run', 'plugins', '--trust', '--port', String(port)]
  const { code, err } = await bulkhead(args, { cwd: root })
  t.equal(code, 3)
  t.match(err, /COMMAND_FAILED {2}port \d+ cannot be had \(EADDRINUSE\)/)
})
