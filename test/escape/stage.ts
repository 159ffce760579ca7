/**
 * What the attempts are aimed at, in a place of its own, and what became of it. An
 * answer is believed only where it holds a secret that it could not have guessed.
 */
import { randomBytes } from 'node:crypto'
import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer as createHttpServer, type Server as HttpServer } from 'node:http'
import * as inspector from 'node:inspector'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startDnsServer, type DnsNames } from '../walls/dns-server.js'

/** What an attempt is told; plain JSON. */
export interface Target {
  /** The plugin's directories as its code names them. */
  readonly home: string
  readonly data: string
  /** A directory that nobody granted, a file in it, and one that shall never exist. */
  readonly outside: string
  readonly secretFile: string
  readonly marker: string
  /** A unix socket and ports of 127.0.0.1 that nobody granted. */
  readonly socketPath: string
  readonly port: number
  readonly udpPort: number
  /** An HTTP server that is granted; `/to?url` redirects, `/headers` says what it was sent. */
  readonly webPort: number
  /** A name server whose answers change: see NAMES. Plugins ask it by themselves, a bare Node is told. */
  readonly dnsPort: number
  readonly bare: boolean
  readonly pid: number
}

export interface Stage {
  readonly target: Target
  /** Real directories of the node; their paths are nowhere in `target`. */
  readonly node: { readonly root: string; readonly pluginsDir: string; readonly dataDir: string }
  /** Lays out the plugin's own files, once its directories are known. */
  furnish(home: string, data: string): void
  /** What happened since the last `reset`, and what is in the text that no plugin could know. */
  effects(told: string): Promise<string[]>
  reset(): void
  close(): Promise<void>
}

/** An address of loopback that is granted where 127.0.0.1 is not. */
export const GRANTED_ADDRESS = '127.0.0.2'

/** Addresses of each answer; the last one stays. */
const NAMES: DnsNames = {
  'turning.names.invalid': [[GRANTED_ADDRESS], ['127.0.0.1']],
  'both.names.invalid': [['127.0.0.1', GRANTED_ADDRESS]],
  'inside.names.invalid': [['127.0.0.1']],
  'zero.names.invalid': [['0.0.0.0']],
}

const CANARY = 'BULKHEAD_ESCAPE_CANARY'

export async function setStage(): Promise<Stage> {
  const token = randomBytes(12).toString('hex')
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'bulkhead-escape-')))
  const nodeRoot = realpathSync(mkdtempSync(join(tmpdir(), `node-${token}-`)))
  const secret = `the secret ${token}` // no JavaScript: an error of the parser shows the line
  const outside = join(root, 'outside')
  const secretFile = join(outside, 'secret.txt')
  const marker = join(root, 'marker')
  const socketPath = join(root, 'socket')
  mkdirSync(outside)
  for (const dir of ['plugins', 'data']) mkdirSync(join(nodeRoot, dir))
  process.env[CANARY] = secret
  const lay = (): void => {
    rmSync(outside, { recursive: true, force: true })
    mkdirSync(outside)
    writeFileSync(secretFile, secret)
    chmodSync(secretFile, 0o640)
    writeFileSync(join(outside, `named-${secret}`), '') // so that a list tells the secret
    rmSync(marker, { recursive: true, force: true })
  }
  lay()

  let visits: string[] = []
  const visit = (way: string) => (): void => void visits.push(way)
  const servers: Server[] = []
  const tcp = await listening(
    createServer((socket) => socket.on('error', () => 0).end(secret)),
    0,
  )
  tcp.on('connection', visit('a connection to a port that is not granted'))
  const unix = createServer((socket) => socket.on('error', () => 0).end(secret))
  unix.on('connection', visit('a connection to a unix socket'))
  unix.listen(socketPath)
  await once(unix, 'listening')
  const web = await webServer()
  servers.push(tcp, unix)
  // The same port on another address of loopback, which the chapter of names is granted.
  const granted = createServer((socket) => socket.on('error', () => 0).end('granted'))
  await listening(granted, portOf(tcp), GRANTED_ADDRESS)
  servers.push(granted)
  const dns = await startDnsServer(NAMES)
  const udp = await udpServer(visit('a datagram to a port that is not granted'))
  const signals = ['SIGUSR2', 'SIGHUP', 'SIGWINCH'] as const
  const onSignal = visit('a signal to the node')
  for (const signal of signals) process.on(signal, onSignal)

  const state = (): string => {
    if (!existsSync(outside)) return 'gone'
    return readdirSync(outside)
      .toSorted()
      .map((name) => {
        const { mode, size, nlink, mtimeMs } = lstatSync(join(outside, name))
        return [name, mode, size, nlink, mtimeMs].join()
      })
      .join('\n')
  }
  let before = state()

  return {
    target: {
      home: '/plugin',
      data: '/data',
      outside,
      secretFile,
      marker,
      socketPath,
      port: portOf(tcp),
      udpPort: udp.address().port,
      webPort: portOf(web),
      dnsPort: Number(dns.address.split(':')[1]),
      bare: false,
      pid: process.pid,
    },
    node: { root: nodeRoot, pluginsDir: join(nodeRoot, 'plugins'), dataDir: join(nodeRoot, 'data') },
    furnish(home, data) {
      mkdirSync(data, { recursive: true })
      writeFileSync(join(home, 'words.txt'), 'one two')
      writeFileSync(join(home, 'mark.cjs'), "require('fs').writeFileSync(process.env.MARKER, '')")
      symlinkSync(secretFile, join(home, 'link'))
      symlinkSync(outside, join(home, 'dir'))
      symlinkSync('/proc/self', join(home, 'proc'))
      symlinkSync(secretFile, join(data, 'link'))
      symlinkSync(outside, join(data, 'dir'))
      symlinkSync(marker, join(data, 'dangling'))
    },
    async effects(told) {
      // Signals, datagrams and connections take a turn of the loop to arrive.
      await new Promise((resolve) => setTimeout(resolve, 30))
      const seen = [...new Set(visits)]
      if (told.includes(secret)) seen.push('the secret was read')
      if (told.includes(token) && !told.includes(secret)) seen.push('a path of the node was told')
      if (told.includes(process.cwd() + '/')) seen.push("a path of the node's own code was told")
      if (/escaped to \d/.test(told)) seen.push('code ran outside the compartment')
      if (existsSync(marker)) seen.push('a file was made')
      if (state() !== before) seen.push('a directory that is not granted was changed')
      if (existsSync(secretFile) && readFileSync(secretFile, 'utf8') !== secret)
        seen.push('the secret was changed')
      if (inspector.url() !== undefined) seen.push("the node's inspector was opened")
      return seen
    },
    reset() {
      visits = []
      if (inspector.url() !== undefined) inspector.close()
      lay()
      before = state()
    },
    async close() {
      for (const signal of signals) process.off(signal, onSignal)
      for (const server of servers) server.close()
      web.close()
      web.closeAllConnections()
      udp.close()
      dns.close()
      delete process.env[CANARY]
      for (const dir of [root, nodeRoot]) rmSync(dir, { recursive: true, force: true })
    },
  }
}

const portOf = (server: Server | HttpServer): number => (server.address() as AddressInfo).port

async function listening<S extends Server | HttpServer>(
  server: S,
  port: number,
  address = '127.0.0.1',
): Promise<S> {
  server.listen(port, address)
  await once(server, 'listening')
  return server
}

/** The server that is granted: redirects to wherever it is told, and says what it was sent. */
async function webServer(): Promise<HttpServer> {
  const server = createHttpServer((request, response) => {
    const { pathname, search } = new URL(request.url ?? '/', 'http://web')
    if (pathname === '/to') {
      response.writeHead(302, { location: decodeURIComponent(search.slice(1)) }).end()
    } else {
      response.end(JSON.stringify({ url: request.url, headers: request.rawHeaders }))
    }
  })
  // An upstream proxy would connect where CONNECT says; this one answers only that it was asked.
  server.on('connect', (_request, socket) => socket.end('HTTP/1.1 200 OK\r\n\r\n'))
  return listening(server, 0)
}

async function udpServer(onMessage: () => void): Promise<UdpSocket> {
  const socket = createSocket('udp4')
  socket.on('message', onMessage)
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return socket
}
