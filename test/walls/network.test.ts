// In both isolations a plugin's connections are those of its grant: what is granted works under Node's own permission
// flags, what is not is refused in the plugin's words, told to the node, and no server sees it.
import { createServer, type AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { runPlugin, type RunningPlugin, type RunPluginOptions } from '../../lib/testing/run-plugin.js'
import { dnsServer } from './dns-server.js'

t.setTimeout(90_000)

const SOURCE = `
import { connect, createServer } from 'node:net'
const told = ({ code, rule, address, port, syscall }) => ({ code, rule, address, port, syscall })
const talk = (options) => new Promise((resolve) => {
  let text = ''
  connect(options).setEncoding('utf8').on('data', (piece) => { text += piece }).on('error', (error) => resolve(told(error))).on('end', () => resolve({ text })).end('hi')
})
const serve = (options) => new Promise((resolve) => {
  const server = createServer((socket) => socket.end('from the plugin')).on('error', (error) => resolve(told(error))).listen(options, () => resolve(server.address()))
})
export default { rest: [
  { method: 'POST', path: '/talk', handle: async ({ body }) => ({ body: await talk(body) }) },
  { method: 'POST', path: '/serve', handle: async ({ body }) => ({ body: await serve(body) }) },
] }`

async function start(t: Test, options: RunPluginOptions): Promise<RunningPlugin> {
  const plugin = await runPlugin({ source: SOURCE, ...options })
  t.teardown(() => plugin.stop())
  return plugin
}

interface Target {
  readonly port: number
  count(): number
}

async function target(t: Test): Promise<Target> {
  let count = 0
  const server = createServer((socket) => {
    count += 1
    socket.on('error', () => undefined).end('from the machine')
  })
  t.teardown(() => void server.close())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { port: (server.address() as AddressInfo).port, count: () => count }
}

const extensionPoints = ['rest:/**']
type Body = Readonly<Record<string, string | number>>
const ask = async (plugin: RunningPlugin, path: string, body: Body): Promise<Record<string, unknown>> =>
  (await plugin.rest({ method: 'POST', path, body })).body as Record<string, unknown>

for (const isolation of ['process', 'thread'] as const) {
  t.test(`${isolation}: without a grant net is there and each call is denied`, async (t) => {
    const { port, count } = await target(t)
    const plugin = await start(t, { isolation, policy: { grant: { extensionPoints } } })
    for (const host of ['127.0.0.1', 'localhost', '::1', '::ffff:127.0.0.1', '0.0.0.0', '127.1']) {
      t.match(await ask(plugin, '/talk', { host, port }), { code: 'EACCES', syscall: 'connect' }, host)
    }
    t.match(await ask(plugin, '/talk', { path: '/tmp/x.sock' }), { code: 'EACCES' })
    t.match(await ask(plugin, '/serve', { host: '127.0.0.1', port: 0 }), {
      code: 'EACCES',
      syscall: 'listen',
    })
    t.equal(count(), 0)
    t.equal(plugin.denials.length, 8, 'one denial a call')
    t.match(plugin.denials[0], { what: `net.connect 127.0.0.1:${port}`, rule: 'nothing grants it' })
    t.match(plugin.info(), { state: 'running', restarts: 0 })
  })

  t.test(`${isolation}: what is granted works, and no more`, async (t) => {
    const { port, count } = await target(t)
    const other = await target(t)
    const dns = await dnsServer(t, {
      'granted.example': [['127.0.0.1']],
      'rebinding.example': [['192.0.2.1', '127.0.0.1'], ['127.0.0.1']],
    })
    const net = {
      connect: [
        `127.0.0.1:${port}`,
        `granted.example:${port}`,
        `granted.example:${other.port}`,
        `*.example:${other.port}`,
      ],
      listen: ['127.0.0.1:0'],
    }
    const plugin = await start(t, {
      isolation,
      policy: { grant: { extensionPoints, net } },
      dnsServers: [dns.address],
    })
    t.same(await ask(plugin, '/talk', { host: '127.0.0.1', port }), { text: 'from the machine' })
    t.same(
      await ask(plugin, '/talk', { host: 'granted.example', port }),
      { text: 'from the machine' },
      'a name and where it leads',
    )
    t.equal(count(), 2)
    t.same(dns.asked, ['granted.example'])
    t.match(await ask(plugin, '/talk', { host: 'granted.example', port: other.port }), {
      code: 'EACCES',
      rule: 'the name leads to no public address; any other needs a rule of its own',
    })
    t.match(
      plugin.denials.at(-1),
      { what: `net.connect granted.example:${other.port} -> 127.0.0.1` },
      'the node hears where',
    )
    t.match(await ask(plugin, '/talk', { host: 'unknown.example', port: other.port }), {
      code: 'ENOTFOUND',
      syscall: 'getaddrinfo',
    })
    t.match(await ask(plugin, '/talk', { host: 'rebinding.example', port: other.port }), { code: 'EACCES' })
    t.equal(other.count(), 0, 'the server that no rule names saw nobody')
    const bound = await ask(plugin, '/serve', { host: '127.0.0.1', port: 0 })
    t.match(bound, { address: '127.0.0.1', family: 'IPv4' })
    t.match(await ask(plugin, '/serve', { port: 0 }), { code: 'EACCES', address: '::' })
    t.match(plugin.info(), { state: 'running', restarts: 0 })
  })
}

const HAS_FLAG = Number.parseInt(process.versions.node, 10) >= 25

t.test('the flags shut the network for a plugin without a rule for it', async (t) => {
  const walls = async (net: object): Promise<unknown> => {
    const plugin = await start(t, { policy: { grant: { extensionPoints, ...net } } })
    return plugin.info().walls.find(({ wall }) => wall === 'network')
  }
  const shut = { holds: true, required: true }
  const open = { holds: false, required: false }
  t.match(await walls({}), HAS_FLAG ? shut : undefined)
  t.match(await walls({ net: { connect: ['127.0.0.1:1'] } }), HAS_FLAG ? open : undefined)
})

t.test('a plugin has one name looked up at a time, whichever of its modules asks', async (t) => {
  const names = ['one.example', 'two.example', 'three.example', 'four.example']
  const dns = await dnsServer(t, Object.fromEntries(names.map((name) => [name, [['127.0.0.1']]])), 40)
  const source = `
    import { connect } from 'node:net'
    import { promises } from 'node:dns'
    const end = (socket) => new Promise((resolve) => socket.on('error', resolve).on('close', resolve))
    export default { rest: [{ method: 'POST', path: '/ask', handle: async ({ body: [one, two, three, four] }) => {
      const all = [end(connect(1, one)), promises.lookup(two).catch(() => 0), end(connect(1, three)), promises.lookup(four).catch(() => 0)]
      return { body: (await Promise.all(all)).length }
    } }] }`
  const plugin = await runPlugin({
    source,
    policy: { grant: { extensionPoints, net: { connect: ['*.example:1'] } } },
    dnsServers: [dns.address],
  })
  t.teardown(() => plugin.stop())
  t.equal((await plugin.rest({ method: 'POST', path: '/ask', body: names })).body, 4)
  t.same(new Set(dns.asked), new Set(names), 'all were asked for')
  t.equal(dns.mostAtOnce(), 1, 'never two at once')
})
