// fetch reaches what the grant names and nothing else, whatever a plugin makes of it; asserted on what servers saw.
import { createServer, type AddressInfo } from 'node:net'
import { createServer as createHttpServer } from 'node:http'
import t from 'tap'
import { netThread } from './net-world.js'
import { startWebServer } from './web-server.js'

const WHY = '.then((r) => r.status, (e) => [e.name, e.message, e.cause?.code])'
const REFUSED = ['TypeError', 'fetch failed', 'EACCES']

t.test('a server that is not granted sees no connection, whatever fetch is given', async (t) => {
  const [granted, other] = [await startWebServer(t), await startWebServer(t)]
  const thread = await netThread(t, { connect: [`127.0.0.1:${granted.port}`] })
  const url = JSON.stringify(`${other.url}/echo`)
  const host = JSON.stringify(`127.0.0.1:${granted.port}`)
  const redirect = JSON.stringify(`${granted.url}/to?url=${encodeURIComponent(`${other.url}/echo`)}`)
  for (const call of [
    `fetch(${url})`,
    `fetch(new Request(${url}, { method: 'POST', body: 'x' }))`,
    `fetch({ toString: () => ${url} })`,
    `fetch(${url}, { headers: { host: ${host} } })`,
    `fetch(${url}, { hostname: '127.0.0.1', port: ${granted.port}, socketPath: '/run/x.sock', agent: false })`,
    `fetch(${url}, { referrer: 'about:client', mode: 'no-cors' })`,
    `fetch(${redirect})`,
    `fetch(${JSON.stringify(`http://0x7f000001:${other.port}/echo`)})`,
  ])
    t.same(await thread.value(call + WHY), REFUSED, call)
  t.equal(other.seen.connections, 0, 'nobody came')
  t.equal(granted.seen.requests, 1, 'the redirect was asked for')
  const denials = (await thread.send({ kind: 'denials' })) as readonly (readonly [string, string])[]
  t.equal(denials.length, 8, 'the node heard of each')
  t.equal(
    await thread.value(`fetch(${JSON.stringify(`${granted.url}/early`)}).then((r) => r.text())`),
    'early',
  )
})

t.test('a dispatcher of the plugin is given plain data and reaches no more than the plugin', async (t) => {
  const server = await startWebServer(t)
  const thread = await netThread(t, {})
  const call = `(async () => {
    let options
    const dispatcher = { dispatch(given, handler) { options = given; handler.onError(new RangeError('mine')); return true } }
    const error = await fetch(${JSON.stringify(server.url)}, { dispatcher }).catch((e) => e)
    return [error.cause.name, options.origin === ${JSON.stringify(server.url)}, options.constructor('return typeof process.kill')()]
  })()`
  t.same(
    await thread.value(call.replace("options.constructor('return typeof process.kill')()", 'options.method')),
    ['RangeError', true, 'GET'],
  )
  t.equal(server.seen.connections, 0)
})

t.test('what a plugin does to the classes stays its own', async (t) => {
  const server = await startWebServer(t)
  const thread = await netThread(t, { connect: [`127.0.0.1:${server.port}`] })
  const poison = `(() => {
    ReadableStream.prototype.getReader = () => { throw new Error('poisoned') }
    Headers.prototype.get = () => 'poisoned'
    Blob.prototype.text = () => 'poisoned'
    Response.prototype.text = () => 'poisoned'
    globalThis.fetch = () => 'poisoned'
    return [new Headers({ a: 'b' }).get('a'), new Blob([]).text(), globalThis.fetch()]
  })()`
  t.same(await thread.value(poison), ['poisoned', 'poisoned', 'poisoned'])
  const works = (await thread.send({ kind: 'trusted', code: 'node works' })) as Readonly<
    Record<string, unknown>
  >
  t.match(works, { stream: 'through a stream', decoded: 'ü', port: 'through a port' })
  t.equal(new Headers({ a: 'b' }).get('a'), 'b', 'and so do those of this process')
  t.equal(
    await thread.value('typeof fetch'),
    'function',
    'the free name is the one of the compartment, whatever globalThis has',
  )
})

t.test('a global can be replaced on globalThis, and its accessors do no more than that', async (t) => {
  const thread = await netThread(t, {})
  const accessors = `(() => {
    const { get, set } = Object.getOwnPropertyDescriptor(globalThis, 'Headers')
    const target = {}
    set.call(target, 1)
    const tried = (work) => { try { work(); return 'done' } catch (e) { return e.name } }
    return [target.Headers, get() === Headers, Object.isFrozen(get) && Object.isFrozen(set),
      tried(() => set.call(undefined, 1)), tried(() => set.call(Object.freeze({}), 1)), tried(() => set.call(Array.prototype, 1))]
  })()`
  t.same(await thread.value(accessors), [1, true, true, 'TypeError', 'TypeError', 'TypeError'])
})

t.test('a request that is under way ends with the plugin', async (t) => {
  const server = await startWebServer(t)
  const thread = await netThread(t, { connect: [`127.0.0.1:${server.port}`] })
  await thread.value(`fetch(${JSON.stringify(`${server.url}/open`)}).then((r) => r.status)`)
  const gone = server.gone()
  await thread.send({ kind: 'teardown' })
  await gone
  t.pass('the server saw the connection end')
})

t.test('a body that is cancelled or aborted ends its connection', async (t) => {
  const server = await startWebServer(t)
  const thread = await netThread(t, { connect: [`127.0.0.1:${server.port}`] })
  const url = JSON.stringify(`${server.url}/open`)
  for (const call of [
    `fetch(${url}).then((r) => r.body.cancel())`,
    `(async () => { const c = new AbortController(); const r = await fetch(${url}, { signal: c.signal }); c.abort(); await r.text().catch(() => 0) })()`,
  ]) {
    const gone = server.gone()
    await thread.value(call)
    await gone
    t.pass(call)
  }
})

t.test(
  'connections are kept, and a request on one that the server gives up is made again only when it changes nothing',
  async (t) => {
    const served = new WeakMap<object, number>()
    let connections = 0
    const server = createHttpServer((request, response) => {
      const count = (served.get(request.socket) ?? 0) + 1
      served.set(request.socket, count)
      if (request.url === '/once' && count > 1) request.socket.destroy()
      else response.end(String(count))
    })
    server.on('connection', () => (connections += 1))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    t.teardown(() => {
      server.close()
      server.closeAllConnections()
    })
    const { port } = server.address() as AddressInfo
    const thread = await netThread(t, { connect: [`127.0.0.1:${port}`] })
    const get = (path: string, method = 'GET'): Promise<unknown> =>
      thread.value(
        `fetch('http://127.0.0.1:${port}${path}', { method: '${method}' }).then((r) => r.text(), (e) => e.name)`,
      )
    t.same([await get('/'), await get('/'), await get('/')], ['1', '2', '3'], 'one connection serves them')
    t.equal(connections, 1)
    t.equal(await get('/once'), '1', 'asked again on a new connection')
    t.equal(connections, 2)
    t.equal(await get('/'), '1')
    t.equal(await get('/once', 'POST'), 'TypeError', 'a POST is not')
  },
)

t.test('a server that answers with anything but HTTP is a failed fetch', async (t) => {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.end('SSH-2.0-nothing\\r\\n')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  const thread = await netThread(t, { connect: [`127.0.0.1:${port}`] })
  t.match(await thread.value(`fetch('http://127.0.0.1:${port}/')${WHY}`), ['TypeError', 'fetch failed', /./])
})
