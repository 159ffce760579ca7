// The plugin's `https` does what Node's does, client and server, and refuses a certificate that it does not know.
import { once } from 'node:events'
import type { IncomingMessage, RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { RequestOptions } from 'node:https'
import t, { type Test } from 'tap'
import { AUTHORITY, SERVER } from '../attenuate/tls-certificates.js'
import { netThread } from '../attenuate/net-world.js'
import { nodesTls, oursTls, type Https } from './modules.js'
import { answerOf, type Answer } from './world.js'

async function serving(t: Test, https: Https, listener: RequestListener): Promise<number> {
  const server = https.createServer(SERVER, listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  return (server.address() as AddressInfo).port
}

function ask(https: Https, options: RequestOptions, body?: string): Promise<Answer> {
  return new Promise((resolve) => {
    const req = https.request(
      { host: '127.0.0.1', agent: false, ca: AUTHORITY, servername: 'a.test', ...options },
      (res) => {
        void answerOf(res).then(resolve)
      },
    )
    req.on('error', ({ code }: NodeJS.ErrnoException) => resolve({ error: String(code) }))
    req.end(body)
  })
}

const echo: RequestListener = (req: IncomingMessage, res) => {
  res.setHeader('X-Encrypted', String('encrypted' in req.socket && req.socket.encrypted === true))
  req.pipe(res)
}

t.test('each client talks to each server, with the same outcome', async (t) => {
  for (const [name, client, server] of [
    ['our client', oursTls, nodesTls],
    ['our server', nodesTls, oursTls],
    ['both ours', oursTls, oursTls],
  ] as const) {
    const port = await serving(t, server, echo)
    const nodesPort = await serving(t, nodesTls, echo)
    for (const [what, options] of Object.entries({
      'a known authority': {},
      'an unknown authority': { ca: [] },
      'another name': { servername: 'b.test' },
    })) {
      const expected = await ask(nodesTls, { port: nodesPort, method: 'POST', ...options }, 'hello')
      t.same(await ask(client, { port, method: 'POST', ...options }, 'hello'), expected, `${name}: ${what}`)
    }
  }
})

t.test('an agent keeps sockets apart by their TLS options', async (t) => {
  const port = await serving(t, oursTls, echo)
  const agent = new oursTls.Agent({ keepAlive: true })
  t.teardown(() => agent.destroy())
  await ask(oursTls, { port, agent })
  t.same(
    await ask(oursTls, { port, agent, ca: [] }),
    await ask(nodesTls, { port, ca: [] }),
    'no kept socket is trusted for it',
  )
  t.equal(
    agent.getName({ host: 'h', port: 1, ca: 'a' }) === agent.getName({ host: 'h', port: 1, ca: 'b' }),
    false,
  )
})

t.test('inside a plugin', async (t) => {
  const port = await serving(t, nodesTls, echo)
  const thread = await netThread(t, { connect: [`127.0.0.1:${port}`] })
  const get = (options: object): Promise<unknown> =>
    thread.value(`new Promise((resolve) => {
      const options = { host: '127.0.0.1', port: ${port}, method: 'POST', servername: 'a.test', ...${JSON.stringify(options)} }
      const req = require('https').request(options, (res) => {
        let text = ''
        res.on('data', (bytes) => (text += bytes))
        res.on('end', () => resolve([res.statusCode, res.headers['x-encrypted'], text]))
      })
      req.on('error', ({ code }) => resolve(code))
      req.end('secret')
    })`)
  t.same(await get({ ca: AUTHORITY }), [200, 'true', 'secret'])
  t.same(await get({ ca: AUTHORITY, servername: 'b.test' }), 'ERR_TLS_CERT_ALTNAME_INVALID')
  t.same(await get({ ca: AUTHORITY, port: 1 }), 'EACCES')
})
