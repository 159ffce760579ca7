/** Redis as Debian installs it: a password, nothing on disk. */
import { connect } from 'node:net'
import { freePort, program, serverDir, startChild, type Stops, type TestServer } from './child.js'

export interface RedisServer extends TestServer {
  readonly password: string
}

/** Why there can be no server on this machine; `undefined` when there can. */
export function noRedis(): string | undefined {
  const missing = ['redis-server', 'setpriv'].find((name) => program(name) === undefined)
  return missing === undefined ? undefined : `there is no ${missing} on this machine`
}

const PASSWORD = 'open-sesame'

export async function startRedis(t: Stops): Promise<RedisServer> {
  const dir = serverDir(t)
  const port = await freePort()
  const settings = { bind: '127.0.0.1', port, dir, save: '', appendonly: 'no', requirepass: PASSWORD }
  const options = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)])
  await startChild(t, [program('redis-server') ?? 'redis-server', ...options], {
    cwd: dir,
    ready: 'Ready to accept connections',
  })
  let own = 0
  return {
    port,
    password: PASSWORD,
    async accepted() {
      own += 1
      return Number(/total_connections_received:(\d+)/.exec(await stats(port))?.[1]) - own
    },
  }
}

function stats(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket = connect(port, '127.0.0.1', () =>
      socket.write(`AUTH ${PASSWORD}\r\nINFO stats\r\nQUIT\r\n`),
    )
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString()))
    socket.once('close', () => resolve(answer))
    socket.once('error', reject)
  })
}
