// `http` and `https` inside a locked-down plugin thread: they reach what the grant names, and nothing else.
import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import net from 'node:net'
import t, { type Test } from 'tap'
import { netThread } from './net-world.js'
import type { Thread } from './thread.js'

t.setTimeout(60_000)

async function serving(t: Test, listener: http.RequestListener): Promise<number> {
  const server = http.createServer(listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  return (server.address() as AddressInfo).port
}

/** Evaluates statements with `http` and `ask(options, body)` at hand. */
const inside = (thread: Thread, statements: string): Promise<unknown> =>
  thread.evaluate(`module.exports = async () => {
    const http = require('node:http')
    const ask = (options, body, use = (req) => req.end(body)) => new Promise((resolve) => {
      const req = http.request({ host: '127.0.0.1', ...options }, (res) => {
        let text = ''
        res.on('data', (bytes) => (text += bytes))
        res.on('end', () => resolve({ status: res.statusCode, headers: res.headers, text, trailers: res.trailers }))
        res.on('error', ({ code }) => resolve({ code, text }))
      })
      req.on('error', ({ code, rule }) => resolve({ code, rule }))
      use(req)
    })
    ${statements}
  }`)

t.test('a client of a plugin', async (t) => {
  const port = await serving(t, (req, res) => {
    const pieces: Buffer[] = []
    req.on('data', (piece: Buffer) => pieces.push(piece))
    req.on('end', () => {
      res.setHeader('X-Seen', [`${req.method} ${req.url}`, String(req.headers['x-mine'])])
      res.end(Buffer.concat(pieces))
    })
  })
  const thread = await netThread(t, { connect: [`127.0.0.1:${port}`] })
  t.match(await inside(thread, `return ask({ port: ${port}, path: '/a', headers: { 'X-Mine': 'ü' } })`), {
    status: 200,
    text: '',
    headers: { 'x-seen': 'GET /a, ü', connection: 'keep-alive' },
  })
  t.match(await inside(thread, `return ask({ port: ${port}, method: 'POST' }, 'grüße')`), { text: 'grüße' })
  t.match(
    await inside(
      thread,
      `const { length } = (await ask({ port: ${port}, method: 'PUT' }, undefined, (req) => {
        for (let at = 0; at < 40; at++) req.write(Buffer.alloc(100_000, at))
        req.end()
      })).text
      return length`,
    ),
    4_000_000,
    'chunks of more than a socket takes at once',
  )
  t.match(
    await inside(
      thread,
      `const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
      const reused = []
      for (let at = 0; at < 3; at++) {
        await ask({ port: ${port}, agent }, undefined, (req) => {
          req.on('close', () => reused.push(req.reusedSocket))
          req.end()
        })
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
      agent.destroy()
      return reused`,
    ),
    [false, true, true],
  )
})

t.test('a server of a plugin', async (t) => {
  const thread = await netThread(t, { listen: ['127.0.0.1:0'] })
  const port = (await inside(
    thread,
    `const server = http.createServer((req, res) => {
      let text = ''
      req.on('data', (bytes) => (text += bytes))
      req.on('end', () => res.writeHead(201, { 'X-A': 'b' }).end(req.method + ' ' + req.url + ' ' + text))
    })
    server.on('upgrade', (req, socket, head) => {
      socket.write('HTTP/1.1 101 Switching Protocols\\r\\nConnection: Upgrade\\r\\nUpgrade: echo\\r\\n\\r\\n' + head)
      socket.pipe(socket)
    })
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
    return server.address().port`,
  )) as number
  const req = http.request({ port, host: '127.0.0.1', method: 'POST', path: '/x', agent: false })
  req.end('body')
  const [res] = (await once(req, 'response')) as [http.IncomingMessage]
  let text = ''
  for await (const piece of res) text += String(piece)
  t.same([res.statusCode, res.headers['x-a'], text], [201, 'b', 'POST /x body'])

  const up = http.get({
    port,
    host: '127.0.0.1',
    agent: false,
    headers: { Connection: 'Upgrade', Upgrade: 'echo' },
  })
  const [, socket] = (await once(up, 'upgrade')) as [http.IncomingMessage, net.Socket]
  socket.write('there and back')
  const [echoed] = (await once(socket, 'data')) as [Buffer]
  t.equal(String(echoed), 'there and back')
  socket.destroy()

  const raw = net.connect(port, '127.0.0.1')
  raw.write(
    'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n',
  )
  let answer = ''
  raw.on('data', (bytes: Buffer) => (answer += bytes.toString()))
  await once(raw, 'close')
  const twice = net.connect(port, '127.0.0.1')
  twice.write('GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n')
  t.match(String(await once(twice, 'data')), /^HTTP\/1\.1 400 /, 'nor one for two hosts')
  t.match(
    answer,
    /^HTTP\/1\.1 400 Bad Request\r\nConnection: close\r\n\r\n$/,
    'no smuggled request is answered',
  )
})

t.test('what the grant does not name is not reached', async (t) => {
  let requests = 0
  const open = await serving(
    t,
    (_req, res) => void res.writeHead(302, { Location: `http://127.0.0.1:${closed}/` }).end(),
  )
  const closed: number = await serving(t, (_req, res) => {
    requests++
    res.end('secret')
  })
  const thread = await netThread(t, { connect: [`127.0.0.1:${open}`] })
  const denied = { code: 'EACCES' }
  t.match(await inside(thread, `return ask({ port: ${closed} })`), denied, 'another port')
  t.match(
    await inside(
      thread,
      `const { headers } = await ask({ port: ${open} }); return ask({ port: new URL(headers.location).port })`,
    ),
    denied,
    'behind a redirect',
  )
  t.match(
    await inside(thread, `return ask({ port: ${open}, socketPath: '/var/run/docker.sock' })`),
    denied,
    'a socket path',
  )
  t.match(
    await inside(
      thread,
      `return ask({ port: ${open}, createConnection: () => require('net').connect(${closed}, '127.0.0.1') })`,
    ),
    denied,
    'a connection made by hand',
  )
  t.match(
    await inside(
      thread,
      `return ask({ port: ${open}, lookup: (name, options, done) => done(null, '127.0.0.2', 4), host: 'localhost' })`,
    ),
    denied,
    'a lookup of its own',
  )
  t.match(
    await inside(
      thread,
      `return ask({ host: 'localhost', port: ${closed}, headers: { Host: '127.0.0.1:${open}' } })`,
    ),
    denied,
    'a Host header that says otherwise',
  )
  t.equal(requests, 0)
})

t.test('a response that never ends its head, or floods, is cut off', async (t) => {
  let written = 0
  const server = net.createServer((socket) => {
    socket.on('error', () => undefined)
    socket.write('HTTP/1.1 200 OK\r\n')
    const more = (): void => {
      while (!socket.destroyed && socket.write('X: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n'.repeat(100)))
        written += 3700
    }
    socket.on('drain', more)
    more()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  const thread = await netThread(t, { connect: [`127.0.0.1:${port}`] })
  t.match(await inside(thread, `return ask({ port: ${port} })`), { code: 'HPE_HEADER_OVERFLOW' })
  t.ok(written < 50_000_000, `${written} bytes were taken`)
})

t.test('requests that nobody has answered yet stop a connection, and answers let it go on', async (t) => {
  const thread = await netThread(t, { listen: ['127.0.0.1:0'] })
  const sent = 20_000
  const port = (await inside(
    thread,
    `const waiting = []
    globalThis.seen = { requests: 0, most: 0 }
    const answer = () => { for (const response of waiting.splice(0)) response.end() }
    let later
    const server = http.createServer((request, response) => {
      globalThis.seen.requests += 1
      waiting.push(response)
      globalThis.seen.most = Math.max(globalThis.seen.most, waiting.length)
      clearTimeout(later)
      later = setTimeout(answer, 50) // once no more of them come
    })
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
    return server.address().port`,
  )) as number
  const socket = net.connect(port, '127.0.0.1')
  t.teardown(() => socket.destroy())
  let answers = 0
  const all = new Promise<void>((resolve) => {
    let rest = ''
    socket.on('data', (bytes) => {
      const pieces = (rest + bytes.toString('latin1')).split('HTTP/1.1 200 OK')
      answers += pieces.length - 1
      rest = (pieces.at(-1) ?? '').slice(-14)
      if (answers === sent) resolve()
    })
  })
  socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(sent))
  await all
  const seen = (await inside(thread, 'return globalThis.seen')) as { requests: number; most: number }
  t.equal(seen.requests, sent, 'all were answered in the end')
  t.ok(
    seen.most < sent / 4,
    `at most ${seen.most} waited: 64, and what came with the last piece that was read`,
  )
})
