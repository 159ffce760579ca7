/**
 * `http` for plugins: client and server over the plugin's own sockets. Nothing here
 * decides what may be reached: each connection is decided where `net` makes it.
 */
import { makeAgent, type Agent, type AgentClass } from './agent.js'
import { makeClientRequest, type ClientParts, type ClientRequestClass } from './client.js'
import { invalidType, httpError } from './errors.js'
import { makeIncomingMessage, type IncomingMessageClass } from './incoming.js'
import { callable, isOptions, type Kit, type NetServerClass, type Socket } from './kit.js'
import type { Module } from '../module.js'
import { makeOutgoingMessage } from './outgoing.js'
import type { AgentLike, ClientRequest } from './request.js'
import { requestArguments } from './request-options.js'
import { makeServerResponse, type ServerResponseClass } from './server-response.js'
import { makeServer, type Server } from './server.js'
import { METHODS, STATUS_CODES, validateHeaderName, validateHeaderValue } from './tokens.js'

/** The plugin's own modules that `http` stands on. */
export interface HttpNeeds {
  readonly net: Module
  readonly stream: Module
  readonly events: Module
}

/** What `https` takes over from here. */
export interface HttpParts {
  readonly Agent: AgentClass
  readonly IncomingMessage: IncomingMessageClass
  readonly ServerResponse: ServerResponseClass
  readonly maxHeaderSize: number
  readonly requestWith: (defaultAgent: () => AgentLike) => RequestFunction
}
type RequestFunction = (input: unknown, options?: unknown, callback?: unknown) => ClientRequest

const MAX_HEADER_SIZE = 16_384
/** As Node's global agents: idle sockets are kept for five seconds. */
export const GLOBAL_AGENT: object = { keepAlive: true, scheduling: 'lifo', timeout: 5000 }

const parts = new WeakMap<Module, HttpParts>()

/** The parts of a module that `makeHttp` made. */
export function partsOf(http: Module): HttpParts {
  const known = parts.get(http)
  if (known === undefined) throw new Error('not an http module of makeHttp')
  return known
}

export function makeHttp({ net, stream, events }: HttpNeeds): Module {
  const kit = {
    Stream: stream['Stream'] ?? stream,
    Readable: stream['Readable'],
    EventEmitter: events['EventEmitter'] ?? events,
  } as Kit
  const connect = (options: object): Socket =>
    (net['createConnection'] as (options: object) => Socket)(options)
  const OutgoingMessage = makeOutgoingMessage(kit)
  const IncomingMessage = makeIncomingMessage(kit)
  const ServerResponse = makeServerResponse(OutgoingMessage)
  const Agent = makeAgent({ ...kit, connect })
  const Server = makeServer({
    Base: net['Server'] as NetServerClass,
    ready: 'connection',
    IncomingMessage,
    ServerResponse,
    maxHeaderSize: MAX_HEADER_SIZE,
  })
  let globalAgent = new Agent(GLOBAL_AGENT)
  const clientParts: ClientParts = {
    OutgoingMessage,
    IncomingMessage,
    isAgent,
    globalAgent: () => globalAgent,
    createConnection: connect,
    maxHeaderSize: MAX_HEADER_SIZE,
  }
  const ClientRequest = makeClientRequest(clientParts)

  const request = requestOf(ClientRequest)
  const module: Module = {
    METHODS: [...METHODS],
    STATUS_CODES: { ...STATUS_CODES },
    Agent: callable(Agent),
    ClientRequest: callable(ClientRequest),
    IncomingMessage: callable(IncomingMessage),
    OutgoingMessage: callable(OutgoingMessage),
    Server: callable(Server),
    ServerResponse: callable(ServerResponse),
    createServer: (options?: unknown, listener?: unknown): Server => new Server(options, listener),
    request,
    get: getOf(request),
    validateHeaderName,
    validateHeaderValue,
    maxHeaderSize: MAX_HEADER_SIZE,
    setMaxIdleHTTPParsers,
  }
  Object.defineProperty(module, 'globalAgent', {
    get: () => globalAgent,
    set: (agent: Agent) => {
      globalAgent = agent
    },
    enumerable: true,
    configurable: true,
  })
  parts.set(module, {
    Agent,
    IncomingMessage,
    ServerResponse,
    maxHeaderSize: MAX_HEADER_SIZE,
    requestWith: (defaultAgent) => (input, options, callback) =>
      requestWithDefault(ClientRequest, defaultAgent(), input, options, callback),
  })
  return module
}

export function getOf(request: RequestFunction): RequestFunction {
  return (input, options, callback) => {
    const req = request(input, options, callback)
    req.end()
    return req
  }
}

function requestOf(ClientRequest: ClientRequestClass): RequestFunction {
  return (input, options, callback) => new ClientRequest(input, options, callback)
}

function requestWithDefault(
  ClientRequest: ClientRequestClass,
  agent: AgentLike,
  input: unknown,
  given: unknown,
  callback: unknown,
): ClientRequest {
  const [options, listener] = requestArguments(input, given, callback)
  return new ClientRequest({ _defaultAgent: agent, ...options }, listener)
}

function isAgent(value: unknown): value is AgentLike {
  return isOptions(value) && typeof value['addRequest'] === 'function'
}

/** Parsers are not pooled here, so there is nothing to set; the argument is checked as Node does. */
function setMaxIdleHTTPParsers(max: unknown): void {
  if (typeof max !== 'number') throw invalidType('max', 'of type number')
  if (!Number.isInteger(max) || max < 1) {
    throw httpError('ERR_OUT_OF_RANGE', 'The value of "max" is out of range', RangeError)
  }
}
