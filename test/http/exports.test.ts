// Every export of Node's `http` and `https` is there, or its absence is decided; nobody adds one unseen.
import http from 'node:http'
import https from 'node:https'
import t from 'tap'
import { ours, oursTls } from './modules.js'

const CUT = {
  _connectionListener: 'internal to Node',
  setGlobalProxyFromEnv: 'changes the agents of the whole process by its environment',
  WebSocket: 'not made: the package `ws` works',
  CloseEvent: 'comes with WebSocket',
  MessageEvent: 'comes with WebSocket',
} as const
const HTTP = [
  'Agent',
  'ClientRequest',
  'IncomingMessage',
  'METHODS',
  'OutgoingMessage',
  'STATUS_CODES',
  'Server',
  'ServerResponse',
  'createServer',
  'get',
  'globalAgent',
  'maxHeaderSize',
  'request',
  'setMaxIdleHTTPParsers',
  'validateHeaderName',
  'validateHeaderValue',
]
const sorted = (names: readonly string[]): readonly string[] => names.toSorted((a, b) => (a < b ? -1 : 1))
const HTTPS = ['Agent', 'Server', 'createServer', 'get', 'globalAgent', 'request']

t.test('the table knows every export of this Node', async (t) => {
  const known = new Set([...HTTP, ...Object.keys(CUT)])
  t.same(
    Object.keys(http).filter((name) => !known.has(name)),
    [],
    'http',
  )
  t.same(
    Object.keys(https).filter((name) => !HTTPS.includes(name)),
    [],
    'https',
  )
  t.same(sorted(Object.keys(ours)), sorted(HTTP), 'ours')
  t.same(sorted(Object.keys(oursTls)), sorted(HTTPS), 'ours, https')
})

t.test('what is there is of the same kind', async (t) => {
  for (const [name, of, mine] of [
    ...HTTP.map((key) => [key, http, ours] as const),
    ...HTTPS.map((key) => [key, https, oursTls] as const),
  ]) {
    t.equal(typeof Reflect.get(mine, name), typeof Reflect.get(of, name), name)
  }
  t.same(ours.STATUS_CODES, http.STATUS_CODES)
  t.same(
    http.METHODS.filter((method) => !ours.METHODS.includes(method)),
    [],
    'no method of Node is missing',
  )
  t.equal(ours.maxHeaderSize, http.maxHeaderSize)
})

// Those with an underscore are Node's own.
t.test('classes have the members of Node', async (t) => {
  const ownOfEach = ['statusCode', 'statusMessage', 'path', 'socket']
  const cut: Readonly<Record<string, readonly string[]>> = {
    ServerResponse: ['writeHeader', 'writeInformation'], // deprecated; not in Node 20 and 22
    IncomingMessage: ['signal'], // Node 26 only
  }
  for (const name of [
    'Agent',
    'ClientRequest',
    'IncomingMessage',
    'OutgoingMessage',
    'Server',
    'ServerResponse',
  ] as const) {
    const mine = ours[name].prototype as object
    const missing = Object.getOwnPropertyNames(http[name].prototype).filter(
      (key) =>
        !key.startsWith('_') &&
        !(key in mine) &&
        !ownOfEach.includes(key) &&
        cut[name]?.includes(key) !== true,
    )
    t.same(missing, [], name)
  }
})

t.test('checks of names and values', async (t) => {
  const code = (check: () => void): unknown => {
    try {
      check()
    } catch (error) {
      return (error as NodeJS.ErrnoException).code
    }
    return undefined
  }
  for (const name of ['a', 'X-A', '', 'a b', 'a\r', 'ü', 1]) {
    const run = (of: typeof http) => code(() => of.validateHeaderName(name as string))
    t.equal(run(ours), run(http), `name ${JSON.stringify(name)}`)
  }
  for (const value of ['a', '', 'a\tb', 'ü', '€', 'a\nb', 'a\r', '\0', '\x7f', undefined, 1, ['a', 'b\n']]) {
    const run = (of: typeof http) => code(() => of.validateHeaderValue('x', value as string))
    t.equal(run(ours), run(http), `value ${JSON.stringify(value)}`)
  }
  for (const max of [1, 0, -1, 'x', 1.5]) {
    const run = (of: typeof http) => code(() => of.setMaxIdleHTTPParsers(max as number))
    t.equal(run(ours), run(http), `parsers ${max}`)
  }
  http.setMaxIdleHTTPParsers(1000)
})

t.test('no header of a response can be slipped into an early hint', async (t) => {
  const res = new ours.ServerResponse(new ours.IncomingMessage(null as never))
  t.throws(() => res.writeEarlyHints({ link: '</a>; rel=x', 'a\r\n': 'b' }), {
    code: 'ERR_INVALID_HTTP_TOKEN',
  })
  t.throws(() => res.writeEarlyHints({ link: '</a>; rel=x', a: 'b\r\nc: d' }), { code: 'ERR_INVALID_CHAR' })
  t.throws(() => res.writeEarlyHints({ link: '</a>; rel=x\r\nc: d' }), { code: 'ERR_INVALID_CHAR' })
})

t.test('classes of programs: with extends, with inherits, without new', async (t) => {
  function Old(this: object, options: object): void {
    Reflect.apply(ours.Agent, this, [options])
  }
  Object.setPrototypeOf(Old.prototype, ours.Agent.prototype as object)
  const old = Reflect.construct(Old, [{ maxSockets: 3 }]) as http.Agent
  t.equal(old.maxSockets, 3)
  t.ok(old instanceof ours.Agent)
  class Own extends ours.Agent {}
  t.ok(new Own() instanceof ours.Agent)
  t.ok((ours.Agent as unknown as () => http.Agent)() instanceof ours.Agent)
  t.equal(ours.Agent.prototype.constructor, ours.Agent)
})
