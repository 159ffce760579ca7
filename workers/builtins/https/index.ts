/** `https` for plugins: the client and server of `http` over the sockets of `tls`. */
import type { Agent, AgentClass } from '../http/agent.js'
import { getOf, GLOBAL_AGENT, partsOf } from '../http/index.js'
import { callable, type Callback, type NetServerClass, type Socket } from '../http/kit.js'
import type { RequestOptions } from '../http/request-options.js'
import { makeServer, type Server } from '../http/server.js'
import type { Module } from '../module.js'

export interface HttpsNeeds {
  /** What makeHttp gave. */
  readonly http: Module
  readonly tls: Module
}

/** Of what a TLS connection depends beyond its address: sockets of different settings are not shared. */
const TLS_OPTIONS: readonly string[] = [
  'ca',
  'cert',
  'clientCertEngine',
  'ciphers',
  'key',
  'pfx',
  'rejectUnauthorized',
  'servername',
  'minVersion',
  'maxVersion',
  'secureProtocol',
  'crl',
  'honorCipherOrder',
  'ecdhCurve',
  'dhparam',
  'secureOptions',
  'sessionIdContext',
  'sigalgs',
  'privateKeyIdentifier',
  'privateKeyEngine',
]
const SESSIONS = 100

export function makeHttps({ http, tls }: HttpsNeeds): Module {
  const parts = partsOf(http)
  const connect = tls['connect'] as (options: object) => Socket
  const Agent = makeHttpsAgent(parts.Agent, connect)
  const Server = makeServer({
    Base: tls['Server'] as NetServerClass,
    ready: 'secureConnection',
    IncomingMessage: parts.IncomingMessage,
    ServerResponse: parts.ServerResponse,
    maxHeaderSize: parts.maxHeaderSize,
    defaults: { ALPNProtocols: ['http/1.1'] },
  })
  let globalAgent = new Agent(GLOBAL_AGENT)
  const request = parts.requestWith(() => globalAgent)
  const module: Module = {
    Agent: callable(Agent),
    Server: callable(Server),
    createServer: (options?: unknown, listener?: unknown): Server => new Server(options, listener),
    request,
    get: getOf(request),
  }
  Object.defineProperty(module, 'globalAgent', {
    get: () => globalAgent,
    set: (agent: Agent) => {
      globalAgent = agent
    },
    enumerable: true,
    configurable: true,
  })
  return module
}

function makeHttpsAgent(Base: AgentClass, connect: (options: object) => Socket): AgentClass {
  return class Agent extends Base {
    override protocol = 'https:'
    override defaultPort = 443
    readonly maxCachedSessions: number
    /** TLS sessions by socket name, oldest first. */
    readonly _sessions: Map<string, unknown> = new Map()

    constructor(options?: unknown) {
      super(options)
      const most = this.options['maxCachedSessions']
      this.maxCachedSessions = typeof most === 'number' ? most : SESSIONS
    }

    override getName(options: RequestOptions = {}): string {
      let name = super.getName(options)
      for (const option of TLS_OPTIONS) {
        const value = options[option]
        name += `:${value === undefined ? '' : keyOf(value)}`
      }
      return name
    }

    override createConnection(options: RequestOptions, _done: Callback): Socket | undefined {
      const name = typeof options['_agentKey'] === 'string' ? options['_agentKey'] : undefined
      const session = name === undefined ? undefined : this._sessions.get(name)
      const all = {
        ALPNProtocols: ['http/1.1'],
        ...options,
        ...(session === undefined || options['session'] !== undefined ? {} : { session }),
      }
      const socket = connect(all)
      if (name !== undefined && this.maxCachedSessions > 0) {
        socket.on('session', (fresh: unknown) => this._remember(name, fresh))
        socket.once('close', (hadError: boolean) => hadError && this._sessions.delete(name))
      }
      return socket
    }

    _remember(name: string, session: unknown): void {
      this._sessions.delete(name)
      this._sessions.set(name, session)
      for (const oldest of this._sessions.keys()) {
        if (this._sessions.size <= this.maxCachedSessions) break
        this._sessions.delete(oldest)
      }
    }
  }
}

/** Texts and bytes by what they hold; lists by their entries. */
function keyOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(keyOf).join(',')
  if (typeof value !== 'object' || value === null) return String(value)
  if (ArrayBuffer.isView(value)) return Buffer.from(value as Uint8Array).toString('latin1')
  return JSON.stringify(value)
}
