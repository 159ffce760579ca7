// The trusted side of TLS, called with anything a plugin could hand over: asserted on what a real server received,
// on what is read of the arguments, and on what is given back.
import dns from 'node:dns'
import net from 'node:net'
import tls from 'node:tls'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import t, { type Test } from 'tap'
import { freezeGrant } from '../../lib/policy/grant.js'
import { makeNet, type NetKit } from '../../workers/attenuate/net/make-net.js'
import { takeNetPowers } from '../../workers/attenuate/net/net-powers.js'
import { takeRealm } from '../../workers/attenuate/realm.js'
import { LOOKUPS_AT_ONCE, makeWorkLine } from '../../workers/attenuate/work-line.js'
import { netGrant } from './net-world.js'
import { AUTHORITY, SERVER } from './tls-certificates.js'
import { secureServer } from './tls-world.js'

const realm = takeRealm()

function world(t: Test): NetKit {
  const kit = makeNet({
    grant: freezeGrant(netGrant({ connect: ['127.0.0.1:1-65535'], listen: ['127.0.0.1:0'] })),
    powers: takeNetPowers({ net, dns }),
    realm,
    harden: Object.freeze as <T>(value: T) => T,
    limits: { sockets: 8 },
    line: makeWorkLine(realm.queueMicrotask, LOOKUPS_AT_ONCE),
    tell: () => undefined,
    onUncaught: (error) => t.fail(String(error)),
  })
  t.teardown(() => kit.teardown())
  return kit
}

type Values = readonly unknown[]

/** The callbacks of a socket; `next` resolves with the values of the first event of that name. */
function recording(): {
  readonly events: object
  readonly seen: string[]
  next(name: string): Promise<Values>
} {
  const seen: string[] = []
  const waiting = new Map<string, (values: Values) => void>()
  const names = (
    'lookup attempt attemptFailed connect data end written finish error close secure session ' +
    'listening connection drop'
  ).split(' ')
  const tell = (name: string, values: Values): void => {
    seen.push(name)
    waiting.get(name)?.(values)
  }
  return {
    events: Object.fromEntries(names.map((name) => [name, (...values: Values) => tell(name, values)])),
    seen,
    next: (name) => new Promise((resolve) => waiting.set(name, resolve)),
  }
}

async function connected(kit: NetKit, port: number): Promise<number> {
  const { events, next } = recording()
  const open = next('connect')
  const id = kit.net.connect({ host: '127.0.0.1', port }, events)
  await open
  return id
}

const good = { servername: 'a.test', ca: AUTHORITY }

t.test(
  'until the peer is accepted the number is not connected, so nothing can be written to it',
  async (t) => {
    const server = await secureServer(t)
    const kit = world(t)
    for (const [request, end] of [
      [good, 'secure'],
      [{ ...good, servername: 'no.test' }, 'close'],
      [{ servername: 'a.test' }, 'close'],
      [{ servername: 'a.test', rejectUnauthorized: 0 }, 'close'],
    ] as const) {
      const id = await connected(kit, server.port)
      const { events, seen, next } = recording()
      const ended = next(end)
      kit.tls.start(id, request, events)
      t.throws(() => kit.net.write(id, Buffer.from('too early')), { code: 'ENOTCONN' })
      t.throws(() => kit.net.resume(id), { code: 'ENOTCONN' })
      t.throws(() => kit.tls.start(id, good, events), { code: 'ENOTCONN' })
      t.equal(kit.tls.look(id, 'peerCertificate'), undefined)
      await ended
      if (end === 'close') {
        t.same(seen, ['error', 'close'])
        t.throws(() => kit.net.write(id, Buffer.from('too late')), { code: 'EBADF' })
      }
      kit.net.destroy(id, false)
    }
    t.equal(server.received(), '')
  },
)

t.test('a handshake under way can be ended, and ends once', async (t) => {
  const silent = net.createServer((socket) => void socket.on('error', () => undefined).resume())
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  t.teardown(() => silent.close())
  const kit = world(t)
  const id = await connected(kit, (silent.address() as net.AddressInfo).port)
  const { events, seen, next } = recording()
  const closed = next('close')
  kit.tls.start(id, good, events)
  kit.net.destroy(id, false)
  await closed
  await new Promise((resolve) => setImmediate(resolve))
  t.same(seen, ['close'])
  kit.teardown()
  t.throws(() => kit.tls.start(id, good, events), { code: 'PLUGIN_STOPPED' })
  t.throws(() => kit.tls.openServer({}, undefined), { code: 'PLUGIN_STOPPED' })
})

t.test('a handshake of a server ends with its client, by the plugin and with the plugin', async (t) => {
  const ends: Readonly<Record<string, (kit: NetKit, id: number, client: net.Socket) => void>> = {
    'the client goes away': (_kit, _id, client) => void client.end(),
    'the plugin ends it': (kit, id) => kit.net.destroy(id, false),
    'the plugin is stopped': (kit) => kit.teardown(),
  }
  for (const [name, end] of Object.entries(ends)) {
    const kit = world(t)
    const secures = kit.tls.openServer({ ...SERVER }, undefined)
    const server = recording()
    const listens = server.next('listening')
    const secured = recording()
    const closed = secured.next('close')
    let accepted = 0
    const connection = (id: number): void => {
      accepted = id
      secures.accept(id, secured.events)
    }
    const id = kit.net.listen({ host: '127.0.0.1', port: 0 }, { ...server.events, connection })
    await listens
    const client = net.connect({
      port: kit.net.address(id)?.port ?? 0,
      host: '127.0.0.1',
      allowHalfOpen: true,
    })
    t.teardown(() => client.destroy())
    client.on('error', () => undefined).resume()
    const gone = new Promise((resolve) => client.on('end', resolve).on('close', resolve))
    while (accepted === 0) await new Promise((resolve) => setImmediate(resolve))
    end(kit, accepted, client)
    await gone
    if (name === 'the plugin is stopped') continue
    await closed
    t.throws(() => kit.net.write(accepted, Buffer.from('x')), { code: 'EBADF' }, name)
    t.equal(secured.seen.filter((event) => event === 'close').length, 1, 'it is told once')
  }
})

t.test('an error of a secured socket is made afresh, and events that call back change nothing', async (t) => {
  const server = await secureServer(t)
  const kit = world(t)
  const id = await connected(kit, server.port)
  const { events, next } = recording()
  const secure = next('secure')
  const again = {
    ...events,
    get secure() {
      kit.tls.start(id, good, events)
      return () => undefined
    },
  }
  t.throws(() => kit.tls.start(id, good, again), { code: 'ENOTCONN' })
  await secure
  try {
    kit.net.destroy(id, true)
    t.fail('Node resets no secured socket')
  } catch (error) {
    t.match(error, { code: 'ERR_INVALID_HANDLE_TYPE' })
    t.equal(Object.getPrototypeOf(error), TypeError.prototype)
    t.notMatch(String((error as Error).stack), 'node:net')
  }
})

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void
/** Finalizers run in a turn of their own. */
const collected = async (): Promise<void> => {
  await new Promise((resolve) => setTimeout(resolve, 1))
  collect()
  await new Promise((resolve) => setTimeout(resolve, 1))
}

t.test('what contexts hold outside the heap is bounded, whoever uses them', async (t) => {
  const authorities = AUTHORITY.repeat(Math.floor(500_000 / AUTHORITY.length))
  const ways: Readonly<Record<string, (kit: NetKit) => (name: number) => unknown>> = {
    tokens: (kit) => () => kit.tls.context({}),
    'contexts for names of a server': (kit) => {
      const secures = kit.tls.openServer({}, undefined)
      return (name) => secures.addContext(`${name}.test`, kit.tls.context({}))
    },
    servers: (kit) => () => kit.tls.openServer({}, undefined),
    authorities: (kit) => () => kit.tls.context({ ca: authorities }),
  }
  for (const [name, start] of Object.entries(ways)) {
    const kit = world(t)
    const make = start(kit)
    const kept: unknown[] = []
    const fill = async (): Promise<void> => {
      for (let count = 0; count < 1100; count++) {
        kept.push(make(count))
        if (count % 300 === 299) await collected()
      }
    }
    await t.rejects(fill(), { code: 'ERR_TLS_CONTEXT_LIMIT' }, name)
    if (name === 'authorities') t.ok(kept.length < 20, 'what they are made of counts')
  }
  const kit = world(t)
  for (let round = 0; round < 4; round++) {
    for (let count = 0; count < 400; count++) kit.tls.context({})
    await collected()
  }
  t.pass('and what nobody uses any more does not count')
})

t.test('only a token of a context is one, and only a socket of this plugin is secured', async (t) => {
  const server = await secureServer(t)
  const kit = world(t)
  const { events } = recording()
  const id = await connected(kit, server.port)
  const token = kit.tls.context({ ...SERVER })
  t.same([Reflect.ownKeys(token), Object.isFrozen(token)], [[], true])
  for (const context of [
    {},
    Object.freeze({}),
    Object.create(token),
    new Proxy(token, {}),
    1,
    'x',
    null,
    [],
    token.constructor,
  ])
    t.throws(() => kit.tls.start(id, { ...good, context }, events), { code: 'ERR_INVALID_ARG_TYPE' })
  for (const other of [0, 1, 2, 3, 999, id + 1, String(id), {}, null])
    t.throws(() => kit.tls.start(other, good, events), { code: 'EBADF' })
  for (const request of [undefined, null, 1, 'x'])
    t.throws(() => kit.tls.start(id, request, events), { code: 'ERR_INVALID_ARG_TYPE' })
  for (const given of [undefined, null, {}, { ...events, secure: 1 }])
    t.throws(() => kit.tls.start(id, good, given), { code: 'ERR_INVALID_ARG_TYPE' })
  t.throws(() => kit.tls.openServer({ ...SERVER }, 'sni'), { code: 'ERR_INVALID_ARG_TYPE' })
  const piece = Buffer.alloc(1_048_576)
  const large = [
    [piece.subarray(0, 600_000)],
    [Array.from({ length: 10 }, () => piece)],
    [Array.from({ length: 5_000_000 })],
    ['x'.repeat(5_000_000)],
  ]
  for (const [ca] of large) {
    t.throws(() => kit.tls.context({ ca }), { code: 'ERR_INVALID_ARG_TYPE', message: /at most 524288/ })
    t.throws(() => kit.tls.start(id, { ...good, ca }, events), { code: 'ERR_INVALID_ARG_TYPE' })
  }
  // In Node such a key is worked at natively for as long as its maker likes, when it is read or in each handshake.
  const slow = `-----BEGIN PRIVATE KEY-----\n${'A'.repeat(4000)}\n-----END PRIVATE KEY-----`
  for (const key of [slow, Buffer.from(slow), [slow], [{ pem: slow }], SERVER.cert + slow])
    t.throws(() => kit.tls.context({ key }), { code: 'ERR_OUT_OF_RANGE' })
  t.ok(kit.net.write(id, Buffer.from('x')), 'the refused ones left the socket as it was')
})

t.test('each option is read once, and only those that are known', async (t) => {
  const server = await secureServer(t)
  const kit = world(t)
  const id = await connected(kit, server.port)
  const reads = new Map<string, number>()
  const values: Readonly<Record<string, unknown>> = {
    ...good,
    key: SERVER.key,
    cert: [SERVER.cert],
    ALPNProtocols: ['x'],
  }
  const request = new Proxy(values, {
    get(on, name) {
      reads.set(String(name), (reads.get(String(name)) ?? 0) + 1)
      return on[String(name)]
    },
    ownKeys: () => t.fail('nothing is listed') as never,
  })
  const { events, next } = recording()
  const secure = next('secure')
  kit.tls.start(id, request, events)
  await secure
  t.same(
    [...reads].filter(([, count]) => count > 1),
    [],
  )
  for (const name of 'socket secureContext lookup checkServerIdentity pskCallback ALPNCallback enableTrace clientCertEngine privateKeyEngine privateKeyIdentifier path fd port'.split(
    ' ',
  ))
    t.notOk(reads.has(name), `${name} is not asked for`)
})

t.test('what is given back is plain', async (t) => {
  const server = await secureServer(t)
  const kit = world(t)
  const id = await connected(kit, server.port)
  const { events, next } = recording()
  const secure = next('secure')
  kit.tls.start(id, good, events)
  const [facts] = await secure
  t.equal(Object.getPrototypeOf(facts), Object.prototype)
  const prototypes = new Set<unknown>()
  const visit = (value: unknown, seen = new Set<unknown>()): void => {
    if (typeof value !== 'object' || value === null || seen.has(value)) return
    seen.add(value)
    prototypes.add(Object.getPrototypeOf(value))
    if (!(value instanceof Uint8Array)) for (const item of Object.values(value)) visit(item, seen)
    else t.equal(value.buffer.byteLength, value.byteLength, 'memory of its own')
  }
  const all =
    'peerCertificate peerCertificates certificate cipher protocol ephemeralKey finished peerFinished session ticket sharedSigalgs'
  for (const what of all.split(' ')) visit(kit.tls.look(id, what))
  visit(kit.tls.exportKeyingMaterial(id, 32, 'label', undefined))
  t.same(
    [...prototypes].filter((one) => one !== Object.prototype && one !== Array.prototype),
    [Uint8Array.prototype],
  )
  for (const what of ['constructor', '__proto__', '', 7, undefined, ['peerCertificate']])
    t.throws(() => kit.tls.look(id, what), { code: 'ERR_INVALID_ARG_TYPE' })
  t.throws(() => kit.tls.exportKeyingMaterial(id, 1e9, 'label', undefined), { code: 'ERR_OUT_OF_RANGE' })
})

t.test('the function that a choice of certificates answers by cannot be changed', async (t) => {
  const kit = world(t)
  let answer: unknown
  const chosen = new Promise<void>((resolve) => {
    const sni = (_name: string, done: (token: unknown) => void): void => {
      answer = done
      done(undefined)
      resolve()
    }
    const secures = kit.tls.openServer({ ...SERVER }, sni)
    const server = recording()
    const connection = (id: number): void => secures.accept(id, recording().events)
    const id = kit.net.listen(
      { host: '127.0.0.1', port: 0 },
      {
        ...server.events,
        connection,
        listening() {
          const port = kit.net.address(id)?.port ?? 0
          const client = tls.connect({
            port,
            host: '127.0.0.1',
            servername: 'a.test',
            rejectUnauthorized: false,
          })
          client.on('error', () => undefined)
          t.teardown(() => client.destroy())
        },
      },
    )
  })
  await chosen
  t.type(answer, 'function')
  t.ok(Object.isFrozen(answer))
})
