/** PostgreSQL as Debian installs it: SCRAM passwords, TLS beside plain TCP, no Unix socket. */
import { readdirSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { makeCertificate } from './certificate.js'
import {
  freePort,
  hand,
  program,
  runChild,
  serverDir,
  startChild,
  type Stops,
  type TestServer,
} from './child.js'

export interface PostgresServer extends TestServer {
  readonly user: string
  readonly password: string
  readonly database: string
  /** PEM of the certificate it shows, for 127.0.0.1 and localhost. */
  readonly certificate: string
}

/** Newest first. */
function installed(): readonly string[] {
  const root = '/usr/lib/postgresql'
  try {
    const versions = readdirSync(root).sort((a, b) => Number(b) - Number(a))
    return versions.map((version) => join(root, version, 'bin'))
  } catch {
    return []
  }
}

/** Why there can be no server on this machine; `undefined` when there can. */
export function noPostgres(): string | undefined {
  const missing = ['initdb', 'postgres', 'setpriv', 'openssl'].find(
    (name) => program(name, installed()) === undefined,
  )
  return missing === undefined ? undefined : `there is no ${missing} on this machine`
}

const USER = 'plugin'
const PASSWORD = 'correct horse "battery" staple'

export async function startPostgres(t: Stops): Promise<PostgresServer> {
  const find = (name: string): string => program(name, installed()) ?? name
  const dir = serverDir(t)
  const data = join(dir, 'data')
  const passwordFile = join(dir, 'password')
  writeFileSync(passwordFile, `${PASSWORD}\n`)
  hand(passwordFile)
  const auth = ['--username', USER, '--pwfile', passwordFile, '--auth', 'scram-sha-256']
  await runChild(
    [find('initdb'), '-D', data, ...auth, '--encoding', 'UTF8', '--locale', 'C', '--no-sync'],
    dir,
  )
  const { certificate, certificateFile, keyFile } = await makeCertificate(dir)
  const port = await freePort()
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    ssl: 'on',
    ssl_cert_file: certificateFile,
    ssl_key_file: keyFile,
    log_connections: 'on',
    fsync: 'off',
    max_connections: 20,
    shared_buffers: '16MB',
  }
  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const server = await startChild(t, [find('postgres'), '-D', data, ...options], {
    cwd: dir,
    ready: 'database system is ready to accept connections',
  })
  let own = 0
  return {
    port,
    user: USER,
    password: PASSWORD,
    database: 'postgres',
    certificate,
    async accepted() {
      own += 1
      await server.heard(`connection received: host=127.0.0.1 port=${await knock(port)}`)
      return server.output().split('connection received:').length - 1 - own
    },
  }
}

/** Connects and hangs up; the port it came from. */
function knock(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      const from = socket.localPort ?? 0
      socket.end()
      socket.resume()
      socket.once('close', () => resolve(from))
    })
    socket.once('error', reject)
  })
}
