/** How an agent uses sockets, as a server sees it; each case gives one value, which is the same with Node's. */
import { once } from 'node:events'
import type { Agent, AgentOptions, IncomingMessage, ServerResponse } from 'node:http'
import type net from 'node:net'
import type { Case } from './client-cases.js'
import { thrown, type World } from './world.js'

/** A server that answers with the number of the connection that a request came on. */
async function numbered(w: World, delayMs = 0): Promise<number> {
  const numbers = new Map<net.Socket, number>()
  const server = w.server.createServer((req: IncomingMessage, res: ServerResponse) => {
    if (!numbers.has(req.socket)) numbers.set(req.socket, numbers.size + 1)
    setTimeout(() => res.end(String(numbers.get(req.socket))), delayMs)
  })
  return w.listen(server)
}

const agentOf = (w: World, options?: AgentOptions): Agent => w.own(new w.client.Agent(options))
const turn = (): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, 5))
const counts = (agent: Agent): unknown =>
  [agent.sockets, agent.freeSockets, agent.requests].map((lists) =>
    Object.values(lists).map((list) => list?.length),
  )

const inTurn =
  (options: AgentOptions): Case =>
  async (w) => {
    const agent = agentOf(w, options)
    const port = await numbered(w)
    const bodies = []
    for (let at = 0; at < 3; at++) {
      bodies.push((await w.ask({ port, agent })).body)
      await turn()
    }
    return [bodies, counts(agent)]
  }

const atOnce =
  (options: AgentOptions): Case =>
  async (w) => {
    const agent = agentOf(w, options)
    const port = await numbered(w, 10)
    const answers = [1, 2, 3, 4].map(() => w.ask({ port, agent }))
    const during = counts(agent)
    const bodies = (await Promise.all(answers)).map(({ body }) => Number(body)).toSorted((a, b) => a - b)
    await turn()
    return [during, bodies, counts(agent)]
  }

/** Reads to the end, slower than it comes. */
async function slowly(message: IncomingMessage): Promise<number> {
  let length = 0
  for await (const chunk of message) {
    length += (chunk as Buffer).length
    await new Promise(setImmediate)
  }
  return length
}

/** Long bodies one after the other over one connection, each read slowly by who gets it. */
const longBodies =
  (way: 'down' | 'up'): Case =>
  async (w) => {
    const long = Buffer.alloc(3_000_000, 'x')
    const sockets = new Set<net.Socket>()
    const server = w.server.createServer((req: IncomingMessage, res: ServerResponse) => {
      sockets.add(req.socket)
      void slowly(req).then((length) => res.end(way === 'down' ? long : String(length)))
    })
    const port = await w.listen(server)
    const agent = agentOf(w, { keepAlive: true, maxSockets: 1 })
    const lengths = []
    for (let at = 0; at < 3; at++) {
      const request = w.client.request({ port, agent, method: way === 'up' ? 'POST' : 'GET' })
      request.end(way === 'up' ? long : undefined)
      const [response] = (await once(request, 'response')) as [IncomingMessage]
      lengths.push(await slowly(response))
      await turn()
    }
    return [lengths, sockets.size]
  }

export const AGENT: Readonly<Record<string, Case>> = {
  'long answers that are read slowly, on one socket': longBodies('down'),
  'long requests that are read slowly, on one socket': longBodies('up'),
  'one request after another keeps the socket': inTurn({ keepAlive: true }),
  'one after another without keepAlive': inTurn({}),
  'at once': atOnce({ keepAlive: true }),
  'at once with maxSockets': atOnce({ keepAlive: true, maxSockets: 2 }),
  'at once with maxSockets, not kept': atOnce({ maxSockets: 1 }),
  'at once with maxTotalSockets': atOnce({ keepAlive: true, maxTotalSockets: 1 }),
  'at once with maxFreeSockets': atOnce({ keepAlive: true, maxFreeSockets: 1 }),
  'first in, first out': inTurn({ keepAlive: true, scheduling: 'fifo' }),
  reusedSocket: async (w) => {
    const agent = agentOf(w, { keepAlive: true })
    const port = await numbered(w)
    const reused = []
    for (let at = 0; at < 2; at++) {
      const req = w.client.get({ port, host: '127.0.0.1', agent })
      const [res] = (await once(req, 'response')) as [IncomingMessage]
      res.resume()
      await once(req, 'close')
      await turn()
      reused.push(req.reusedSocket)
    }
    return reused
  },
  getName: async ({ client }) => {
    const agent = new client.Agent()
    return [
      {},
      { host: 'h', port: 1, localAddress: '127.0.0.1' },
      { host: 'h', port: 1, localAddress: '::1', family: 6 },
      { socketPath: '/s' },
    ].map((options) => agent.getName(options as never))
  },
  'options that are refused': async ({ client }) => [
    thrown(() => new client.Agent({ scheduling: 'random' as never })),
    thrown(() => new client.Agent({ maxTotalSockets: 'x' as never })),
    thrown(() => new client.Agent({ maxTotalSockets: -1 })),
  ],
  'a kept socket that the server closes is not used again': async (w) => {
    const agent = agentOf(w, { keepAlive: true })
    const server = w.server.createServer((_req, res) => void res.end('x'))
    const port = await w.listen(server)
    const first = await w.ask({ port, agent })
    await turn()
    const [socket] = Object.values(agent.freeSockets)[0] ?? []
    const gone = socket === undefined ? undefined : once(socket, 'close')
    server.closeIdleConnections()
    await gone
    return [first.body, counts(agent), (await w.ask({ port, agent })).body]
  },
  'a response that closes is not kept': async (w) => {
    const agent = agentOf(w, { keepAlive: true })
    const server = w.server.createServer(
      (_req, res) => void res.writeHead(200, { Connection: 'close' }).end('x'),
    )
    const answer = await w.ask({ port: await w.listen(server), agent })
    await turn()
    return [answer.body, counts(agent)]
  },
  'a response nobody reads keeps its socket': async (w) => {
    const agent = agentOf(w, { keepAlive: true, maxSockets: 1 })
    const port = await numbered(w)
    const req = w.client.get({ port, host: '127.0.0.1', agent })
    await once(req, 'response')
    await turn()
    return counts(agent)
  },
  'destroy ends all sockets': async (w) => {
    const agent = agentOf(w, { keepAlive: true })
    const port = await numbered(w)
    await w.ask({ port, agent })
    await turn()
    const [socket] = Object.values(agent.freeSockets)[0] ?? []
    agent.destroy()
    return [socket?.destroyed]
  },
  'a HEAD keeps its socket': async (w) => {
    const agent = agentOf(w, { keepAlive: true })
    const port = await numbered(w)
    const answer = await w.ask({ port, agent, method: 'HEAD' })
    await turn()
    return [answer.status, counts(agent)]
  },
  'a chunked POST keeps its socket': async (w) => {
    const agent = agentOf(w, { keepAlive: true })
    const port = await numbered(w)
    const answer = await w.ask({ port, agent, method: 'POST' }, ['a', 'b'])
    await turn()
    return [answer.body, counts(agent)]
  },
  'the global agent keeps sockets': async ({ client }) => {
    const { keepAlive, maxSockets, maxFreeSockets, scheduling, protocol, defaultPort } =
      client.globalAgent as Agent & {
        keepAlive: boolean
        scheduling: string
        protocol: string
        defaultPort: number
      }
    return [keepAlive, maxSockets, maxFreeSockets, scheduling, protocol, defaultPort]
  },
  'another global agent is used': async (w) => {
    const before = w.client.globalAgent
    const agent = agentOf(w, { keepAlive: true })
    const port = await numbered(w)
    try {
      w.client.globalAgent = agent
      await w.ask({ port, agent: undefined as never })
      await turn()
      return counts(agent)
    } finally {
      w.client.globalAgent = before
    }
  },
  'an error of one request leaves the others': async (w) => {
    const agent = agentOf(w, { keepAlive: true, maxSockets: 1 })
    const server = w.server.createServer((req, res) =>
      req.url === '/bad' ? req.socket.destroy() : void res.end('fine'),
    )
    const port = await w.listen(server)
    const answers = ['/bad', '/1', '/2'].map((path) => w.ask({ port, agent, path }))
    return (await Promise.all(answers)).map(({ error, body }) => error ?? body)
  },
}
