// The trusted side of the network, called with anything a plugin could hand over: where it leads is asserted on the
// sockets that are opened (none is: a recording stands in for Node's), on the names that are asked for, and on what is told.
import { EventEmitter } from 'node:events'
import net, { Socket } from 'node:net'
import dns from 'node:dns'
import t from 'tap'
import { freezeGrant } from '../../lib/policy/grant.js'
import { makeNet } from '../../workers/attenuate/net/make-net.js'
import type { Net } from '../../workers/attenuate/net/net.js'
import { takeNetPowers, type NetPowers } from '../../workers/attenuate/net/net-powers.js'
import { takeRealm } from '../../workers/attenuate/realm.js'
import { LOOKUPS_AT_ONCE, makeWorkLine } from '../../workers/attenuate/work-line.js'
import { listening, netGrant, type NetRules } from './net-world.js'

const realm = takeRealm()
type Names = Readonly<Record<string, readonly (readonly string[])[]>>

interface World {
  readonly net: Net
  /** `address:port` of each socket that was opened. */
  readonly opened: string[]
  /** The sockets and servers themselves. */
  readonly hosts: (Socket | net.Server)[]
  readonly asked: string[]
  /** At once. */
  mostLookups(): number
  /** Options of each server that was asked to listen on all addresses; it does not. */
  readonly bound: object[]
  readonly told: (readonly [string, boolean])[]
  /** Of what was told. */
  readonly rules: string[]
  readonly uncaught: unknown[]
  teardown(): void
}

/** @param answers - of an attempt: 'connect', or the code of an error */
function world(granted: NetRules, names: Names = {}, answers: Readonly<Record<string, string>> = {}): World {
  const opened: string[] = []
  const hosts: (Socket | net.Server)[] = []
  const asked: string[] = []
  const told: (readonly [string, boolean])[] = []
  const rules: string[] = []
  const uncaught: unknown[] = []
  const bound: object[] = []
  let lookups = 0
  let mostLookups = 0
  const powers: NetPowers = {
    ...takeNetPowers({ net, dns }),
    connect({ address, port }) {
      opened.push(`${address}:${port}`)
      if (answers[address] === 'throw') throw Object.assign(new Error('raw'), { code: 'ERR_ACCESS_DENIED' })
      const socket = new Socket()
      hosts.push(socket)
      const answer = answers[address] ?? 'connect'
      setImmediate(() => {
        if (answer === 'connect') socket.emit('connect')
        else if (answer !== 'never')
          socket.destroy(
            Object.assign(new Error('raw'), { code: answer, errno: -1, path: '/etc', syscall: 'connect' }),
          )
      })
      return socket
    },
    createServer() {
      const server = net.createServer({ pauseOnConnect: true, allowHalfOpen: true })
      hosts.push(server)
      const { listen } = server
      server.listen = ((options: net.ListenOptions) => {
        if (options.host !== '::' && options.host !== '0.0.0.0')
          return Reflect.apply(listen, server, [options])
        bound.push(options)
        setImmediate(() => server.emit('listening'))
        return server
      }) as typeof listen
      return server
    },
    async lookup(name) {
      lookups += 1
      mostLookups = Math.max(mostLookups, lookups)
      await new Promise((resolve) => setImmediate(resolve))
      lookups -= 1
      const known = names[name]
      const answer = known?.[Math.min(asked.filter((one) => one === name).length, known.length - 1)]
      asked.push(name)
      if (answer !== undefined) return answer
      throw Object.assign(new Error('raw'), {
        code: 'ENOTFOUND',
        errno: -3008,
        syscall: 'getaddrinfo',
        hostname: 'raw',
      })
    },
  }
  const kit = makeNet({
    grant: freezeGrant(netGrant(granted)),
    powers,
    realm,
    harden: Object.freeze as <T>(value: T) => T,
    limits: { sockets: 8 },
    line: makeWorkLine(realm.queueMicrotask, LOOKUPS_AT_ONCE),
    tell: (operation, resource, { allowed, rule }) => {
      told.push([`${operation} ${resource}`, allowed])
      rules.push(rule)
    },
    onUncaught: (error) => void uncaught.push(error),
  })
  return { ...kit, opened, hosts, asked, mostLookups: () => mostLookups, bound, told, rules, uncaught }
}

type Facts = Readonly<Record<string, unknown>>

/** Every event as `[name, ...values]`, in order; resolves `end` at connect or close. */
function recording(): { readonly events: object; readonly seen: unknown[][]; readonly end: Promise<string> } {
  const seen: unknown[][] = []
  const emitter = new EventEmitter()
  const end = new Promise<string>((resolve) => {
    for (const name of ['connect', 'close', 'listening', 'error']) emitter.once(name, () => resolve(name))
  })
  const names =
    'lookup attempt attemptFailed connect data end written finish error close listening connection drop'
  const events = Object.fromEntries(
    names.split(' ').map((name) => [
      name,
      function (this: unknown, ...values: unknown[]) {
        if (this !== undefined) seen.push(['this', typeof this])
        seen.push([name, ...values])
        setImmediate(() => emitter.emit(name))
      },
    ]),
  )
  return { events, seen, end }
}

/** What became of one connection: 'connect', or the facts of its error, thrown or told. */
async function outcome({ net }: World, request: unknown): Promise<Facts | 'connect'> {
  const { events, seen, end } = recording()
  try {
    net.connect(request, events)
  } catch (error) {
    return { thrown: true, ...(error as object) }
  }
  if ((await end) === 'connect') return 'connect'
  const error = seen.find(([name]) => name === 'error')?.[1] as object
  return { thrown: false, message: (error as Error).message, ...error }
}

const EVERY_NAME: NetRules = { connect: ['**:1-65535'] }
const NAMES: Names = {
  'public.example': [['93.184.216.34']],
  'six.example': [['2606:2800:220:1::1']],
  'loop.example': [['127.0.0.1']],
  'mixed.example': [['10.0.0.1', '93.184.216.34', '::1']],
  'rebinding.example': [['93.184.216.34'], ['127.0.0.1']],
  'mapped.example': [['::ffff:127.0.0.1']],
  'zone.example': [['fe80::1%eth0']],
  'zero.example': [['0.0.0.0']],
  'metadata.example': [['169.254.169.254']],
  'nat64.example': [['64:ff9b::7f00:1']],
  'sixtofour.example': [['2002:7f00:1::']],
  'unique.example': [['fd00::1']],
  'nothing.example': [[]],
  localhost: [['::1', '127.0.0.1']],
  'db.localhost': [['10.0.0.1']],
}

/** host -> what is opened when every name is granted and no address is; '' for nothing. */
const HOSTS: readonly (readonly [host: string, opened: string])[] = [
  ['public.example', '93.184.216.34:443'],
  ['PUBLIC.example.', '93.184.216.34:443'],
  ['six.example', '2606:2800:220:1::1:443'],
  ['mixed.example', '93.184.216.34:443'],
  ['loop.example', ''],
  ['mapped.example', ''],
  ['zone.example', ''],
  ['zero.example', ''],
  ['metadata.example', ''],
  ['nat64.example', ''],
  ['sixtofour.example', ''],
  ['unique.example', ''],
  ['nothing.example', ''],
  ['unknown.example', ''],
  ['localhost', ''],
  ['127.0.0.1', ''],
  ['93.184.216.34', ''],
  ['[::1]', ''],
  ['::1', ''],
  ['::', ''],
  ['0.0.0.0', ''],
  ['::ffff:127.0.0.1', ''],
  ['::ffff:7f00:1', ''],
  ['::127.0.0.1', ''],
  ['127.1', ''],
  ['0x7f.1', ''],
  ['0x7f000001', ''],
  ['2130706433', ''],
  ['017700000001', ''],
  ['127.0.0.01', ''],
  ['1.1', ''],
  ['0', ''],
  ['', ''],
  ['public.example\0.evil', ''],
  ['public.example%00', ''],
  ['pu blic.example', ''],
  ['user@public.example', ''],
  ['public.example/../x', ''],
  ['public.example:443', ''],
  ['ｌocalhost', ''],
  ['①②⑦.0.0.1', ''],
  ['a'.repeat(64), ''],
  [`${'a.'.repeat(140)}example`, ''],
]

t.test('a host leads to a public address of a granted name, and nowhere else', async (t) => {
  for (const [host, expected] of HOSTS) {
    const made = world(EVERY_NAME, NAMES)
    const result = await outcome(made, { host, port: 443 })
    t.same(made.opened, expected === '' ? [] : [expected], `${JSON.stringify(host)}: what was opened`)
    if (expected !== '') t.equal(result, 'connect', host)
    else t.match(result, { code: /^(EACCES|ENOTFOUND)$/ }, `${JSON.stringify(host)} is refused`)
    t.equal(made.told.length, 1, `${JSON.stringify(host)} is told once`)
    t.ok(
      made.asked.every((name) => /^[a-z\d.]+$/.test(name) && !/^[\dx.]+$/.test(name)),
      `${JSON.stringify(host)}: no resolver saw a number (${made.asked.join()})`,
    )
  }
})

t.test('special addresses open where they are granted themselves', async (t) => {
  const cases: readonly (readonly [rules: readonly string[], host: string, opened: string])[] = [
    [['loop.example:443', '127.0.0.1:443'], 'loop.example', '127.0.0.1:443'],
    [['loop.example:443', '127.0.0.0/8:443'], 'loop.example', '127.0.0.1:443'],
    [['loop.example:443', '127.0.0.1:80'], 'loop.example', ''],
    [['127.0.0.1:443'], 'loop.example', ''],
    [['mapped.example:443', '127.0.0.1:443'], 'mapped.example', '127.0.0.1:443'],
    [['127.0.0.1:443'], '::ffff:127.0.0.1', '127.0.0.1:443'],
    [['127.0.0.1:443'], '[::ffff:7f00:1]', '127.0.0.1:443'],
    [['0.0.0.0/0:443'], '127.0.0.1', ''],
    [['0.0.0.0/0:443'], '0.0.0.0', ''],
    [['0.0.0.0/0:443'], '93.184.216.34', '93.184.216.34:443'],
    [['127.0.0.0/8:443'], '0.0.0.0', ''],
    [['[::]:443'], '::', ':::443'],
    [['localhost:443'], 'localhost', '::1:443'],
    [['localhost:443'], 'loop.example', ''],
    [['db.localhost:443'], 'db.localhost', ''],
    [['db.localhost:443', '10.0.0.0/8:443'], 'db.localhost', '10.0.0.1:443'],
    [['mixed.example:443', '10.0.0.0/8:443'], 'mixed.example', '10.0.0.1:443'],
  ]
  for (const [connect, host, expected] of cases) {
    const made = world({ connect }, NAMES)
    await outcome(made, { host, port: 443 })
    t.same(made.opened, expected === '' ? [] : [expected], `${connect.join(' ')} and ${host}`)
  }
})

t.test('a name is asked for once, and what was checked is what is connected to', async (t) => {
  const made = world(EVERY_NAME, NAMES)
  t.equal(await outcome(made, { host: 'rebinding.example', port: 443 }), 'connect')
  t.same([made.asked, made.opened], [['rebinding.example'], ['93.184.216.34:443']])
  t.match(
    await outcome(made, { host: 'rebinding.example', port: 443 }),
    { code: 'EACCES' },
    'the second answer is another one',
  )
  t.same(made.opened, ['93.184.216.34:443'])
  t.same(made.told, [
    ['net.connect rebinding.example:443 -> 93.184.216.34', true],
    ['net.connect rebinding.example:443 -> 127.0.0.1', false],
  ])
})

t.test('a name that is not granted is not asked for', async (t) => {
  const made = world({ connect: ['other.example:443', 'public.example:80'] }, NAMES)
  t.match(await outcome(made, { host: 'public.example', port: 443 }), {
    thrown: true,
    code: 'EACCES',
    errno: -13,
    syscall: 'connect',
    address: 'public.example',
    port: 443,
    rule: 'nothing grants it',
  })
  t.same([made.asked, made.opened], [[], []])
  t.same(made.told, [['net.connect public.example:443', false]])
})

t.test(
  'addresses of the plugin itself are used as far as the name leads there, or they are granted',
  async (t) => {
    const cases: readonly (readonly [
      rules: readonly string[],
      host: string,
      addresses: unknown,
      opened: string,
    ])[] = [
      [['**:443'], 'public.example', ['93.184.216.34'], '93.184.216.34:443'],
      [['**:443'], 'public.example', ['127.0.0.1'], ''],
      [['**:443'], 'public.example', ['8.8.8.8'], ''],
      [['**:443'], 'public.example', ['8.8.8.8', '93.184.216.34'], '93.184.216.34:443'],
      [['**:443'], 'loop.example', ['127.0.0.1'], ''],
      [['**:443', '127.0.0.1:443'], 'public.example', ['127.0.0.1'], '127.0.0.1:443'],
      [['127.0.0.1:443'], 'public.example', ['127.0.0.1'], '127.0.0.1:443'],
      [['127.0.0.1:443'], 'public.example', ['::ffff:127.0.0.1'], '127.0.0.1:443'],
      [['127.0.0.1:443'], 'public.example', ['93.184.216.34'], ''],
      [['**:443'], 'public.example', [], ''],
      [['**:443'], 'public.example', ['127.1'], ''],
      [['**:443'], 'public.example', 'no list', ''],
      [['**:443'], '127.0.0.1', ['93.184.216.34'], ''],
    ]
    for (const [connect, host, addresses, expected] of cases) {
      const made = world({ connect }, NAMES)
      await outcome(made, { host, port: 443, addresses })
      t.same(
        made.opened,
        expected === '' ? [] : [expected],
        `${connect.join(' ')}: ${host} at ${JSON.stringify(addresses)}`,
      )
    }
  },
)

t.test('each part of a request is read once, so that it cannot change after the decision', async (t) => {
  const made = world({ connect: ['public.example:443'] }, { ...NAMES, 'evil.example': [['93.184.216.35']] })
  const reads: Record<string, number> = {}
  const answers: Readonly<Record<string, readonly unknown[]>> = {
    host: ['public.example', 'evil.example'],
    port: [443, 22],
    family: [0, 6],
  }
  const changing = new Proxy(
    {},
    {
      get(_target, key) {
        const name = String(key)
        reads[name] = (reads[name] ?? 0) + 1
        const values = answers[name]
        return values?.[Math.min(reads[name] - 1, values.length - 1)]
      },
    },
  )
  t.equal(await outcome(made, changing), 'connect')
  t.same(made.opened, ['93.184.216.34:443'])
  t.ok(
    Object.values(reads).every((count) => count === 1),
    JSON.stringify(reads),
  )
})

t.test('what is no request is refused before anything happens', async (t) => {
  const made = world(EVERY_NAME, NAMES)
  const sly = {
    toString: () => 'public.example',
    valueOf: () => 'public.example',
    [Symbol.toPrimitive]: () => 'public.example',
  }
  const cases: readonly unknown[] = [
    undefined,
    null,
    5,
    'public.example:443',
    {},
    { host: sly, port: 443 },
    { host: new String('public.example'), port: 443 },
    { host: ['public.example'], port: 443 },
    { host: 'public.example' },
    { host: 'public.example', port: '443' },
    { host: 'public.example', port: -1 },
    { host: 'public.example', port: 65_536 },
    { host: 'public.example', port: 1.5 },
    { host: 'public.example', port: Number.NaN },
    { host: 'public.example', port: { valueOf: () => 443 } },
    { path: '/var/run/docker.sock' },
    { path: '\0abstract' },
    { path: {}, host: 'public.example', port: 443 },
    { fd: 3 },
    { fd: {}, host: 'public.example', port: 443 },
  ]
  for (const request of cases) {
    t.match(
      await outcome(made, request),
      { thrown: true, code: /^(EACCES|ERR_INVALID_ARG_TYPE|ERR_OUT_OF_RANGE)$/ },
      JSON.stringify(request) ?? 'undefined',
    )
  }
  const good = { host: 'public.example', port: 443 }
  const { events } = recording()
  for (const bad of [undefined, null, {}, () => undefined, { ...events, data: 5 }]) {
    t.throws(() => made.net.connect(good, bad), { code: 'ERR_INVALID_ARG_TYPE' })
  }
  t.same([made.opened, made.asked], [[], []])
  t.ok(made.told.every(([, allowed]) => !allowed))
  t.same(
    made.told.map(([what]) => what),
    [
      'net.connect unix:/var/run/docker.sock',
      'net.connect unix:\0abstract',
      'net.connect unix:',
      'net.connect fd:3',
      'net.connect fd:',
    ],
  )
})

t.test('the next address is tried when one fails or takes too long', async (t) => {
  const names = { 'many.example': [['2606::1', '93.184.216.1', '93.184.216.2']] }
  const request = { host: 'many.example', port: 443, attemptTimeout: 10 }
  const made = world(EVERY_NAME, names, { '2606::1': 'ENETUNREACH', '93.184.216.1': 'never' })
  const { events, seen, end } = recording()
  made.net.connect(request, events)
  t.equal(await end, 'connect')
  t.same(made.opened, ['2606::1:443', '93.184.216.1:443', '93.184.216.2:443'])
  t.same(
    seen.map(([name, address, ...rest]) => [
      name,
      name === 'lookup' ? rest[0] : address,
      rest.at(-1) === null ? 'null' : '',
    ]),
    [
      ['lookup', '2606::1', ''],
      ['lookup', '93.184.216.1', ''],
      ['lookup', '93.184.216.2', ''],
      ['attempt', '2606::1', ''],
      ['attemptFailed', '2606::1', ''],
      ['attempt', '93.184.216.1', ''],
      ['attemptFailed', '93.184.216.1', 'null'],
      ['attempt', '93.184.216.2', ''],
      ['connect', undefined, ''],
    ],
  )
  t.same(made.told, [['net.connect many.example:443 -> 2606::1, 93.184.216.1, 93.184.216.2', true]])

  const refused = world(EVERY_NAME, names, {
    '2606::1': 'ENETUNREACH',
    '93.184.216.1': 'ECONNREFUSED',
    '93.184.216.2': 'ECONNREFUSED',
  })
  const error = await outcome(refused, request)
  t.match(error, {
    code: 'ENETUNREACH',
    syscall: 'connect',
    address: '2606::1',
    port: 443,
    message: 'connect ENETUNREACH 2606::1:443',
  })
  t.notOk(JSON.stringify(error).includes('/etc'), 'nothing else of the error of the host')
})

t.test('what the permission flags refuse is a denial that says so', async (t) => {
  const made = world(EVERY_NAME, NAMES, { '93.184.216.34': 'throw' })
  t.match(await outcome(made, { host: 'public.example', port: 443 }), {
    code: 'EACCES',
    rule: 'the permission flags of the thread do not open the network',
    address: '93.184.216.34',
  })
})

t.test('every address of the machine is IPv4 too only where that is granted', async (t) => {
  const cases: readonly (readonly [rules: readonly string[], ipv6Only: boolean, bound: string])[] = [
    [['[::]:0'], true, '::'],
    [['[::]:0', '0.0.0.0:0'], false, '::'],
    [['0.0.0.0:0'], false, '0.0.0.0'],
  ]
  for (const [listen, ipv6Only, bound] of cases) {
    const made = world({ listen })
    const { events, end } = recording()
    made.net.listen({ port: 0 }, events)
    await end
    t.match(made.bound, [{ host: bound, port: 0, ipv6Only }], listen.join(' '))
  }
  const named = world({ listen: ['any.example:0', '[::]:0'] }, { 'any.example': [['::']] })
  const { events, end } = recording()
  named.net.listen({ host: 'any.example', port: 0 }, events)
  await end
  t.match(named.bound, [{ host: '::', port: 0, ipv6Only: true }], 'by a name as well')
})

t.test('a name that leads nowhere fails as in Node', async (t) => {
  const made = world(EVERY_NAME, NAMES)
  t.match(await outcome(made, { host: 'unknown.example', port: 443 }), {
    code: 'ENOTFOUND',
    errno: -3008,
    syscall: 'getaddrinfo',
    hostname: 'unknown.example',
    message: 'getaddrinfo ENOTFOUND unknown.example',
  })
  t.same(made.told, [['net.connect unknown.example:443', true]])
})

t.test(
  'names are asked for one after the other: threads that the whole process shares wait for them',
  async (t) => {
    const made = world(EVERY_NAME, NAMES)
    const all = Array.from({ length: 4 }, () => recording())
    for (const { events } of all) made.net.connect({ host: 'public.example', port: 443 }, events)
    await Promise.all(all.map(({ end }) => end))
    t.same([made.asked.length, made.mostLookups()], [4, 1])
  },
)

t.test('no name makes a rule of its own: the audit tells so many apart', async (t) => {
  const names = { 'a.example': [['127.0.0.1']], 'b.example': [['10.0.0.1']] }
  const made = world(EVERY_NAME, names)
  for (const host of Object.keys(names)) await outcome(made, { host, port: 443 })
  t.match(
    made.told.map(([resource]) => resource),
    [/a\.example:443 -> 127\.0\.0\.1$/, /b\.example:443 -> 10\.0\.0\.1$/],
  )
  t.equal(new Set(made.rules).size, 1)
})

t.test('a destroyed connection is never made, and says so once', async (t) => {
  const made = world(EVERY_NAME, NAMES)
  const { events, seen, end } = recording()
  const id = made.net.connect({ host: 'public.example', port: 443 }, events)
  made.net.destroy(id, false)
  made.net.destroy(id, false)
  t.equal(await end, 'close')
  await new Promise((resolve) => setTimeout(resolve, 5))
  t.same(seen, [['close', false]])
  t.same(made.opened, [])
})

t.test('a connection that is ended when its first attempt is told leaves no socket behind', async (t) => {
  const made = world(EVERY_NAME, NAMES)
  const { events, seen, end } = recording()
  const attempt = (): void => made.net.destroy(id, false)
  const id = made.net.connect({ host: 'public.example', port: 443 }, { ...events, attempt })
  t.equal(await end, 'close')
  await new Promise((resolve) => setTimeout(resolve, 5))
  t.same(
    seen.filter(([name]) => name !== 'lookup'),
    [['close', false]],
  )
  t.ok(made.hosts.every((host) => host instanceof Socket && host.destroyed))
})

t.test('a server that is closed while it begins to listen does not listen', async (t) => {
  for (const turns of [0, 1, 2, 3, 4, 5, 6]) {
    const made = world({ listen: ['127.0.0.1:0'] })
    const { events, end } = recording()
    const id = made.net.listen({ host: '127.0.0.1', port: 0 }, events)
    for (let turn = 0; turn < turns; turn++) await Promise.resolve()
    made.net.closeServer(id)
    t.equal(await end, 'close', `${turns} turns later`)
    await new Promise((resolve) => setTimeout(resolve, 5))
    t.same(
      made.hosts.map((host) => host instanceof net.Server && host.listening),
      [false],
    )
  }
})

t.test('what a callback throws is reported, and reaches nothing of Node', async (t) => {
  const made = world(EVERY_NAME, NAMES)
  const { events, end } = recording()
  const thrown = new Error('mine')
  made.net.connect(
    { host: 'public.example', port: 443 },
    {
      ...events,
      attempt: () => {
        throw thrown
      },
    },
  )
  t.equal(await end, 'connect')
  t.same(made.uncaught, [thrown])
})

t.test('callbacks have no this', async (t) => {
  const made = world(EVERY_NAME, NAMES)
  const { events, seen, end } = recording()
  made.net.connect({ host: 'public.example', port: 443 }, events)
  await end
  t.notOk(seen.some(([name]) => name === 'this'))
})

t.test('a number that is not of this plugin is nothing', async (t) => {
  const made = world(EVERY_NAME, NAMES)
  const guesses: readonly unknown[] = [
    0,
    1,
    2,
    3,
    4,
    999,
    1000,
    1001,
    -1,
    1.5,
    Number.NaN,
    '1000',
    null,
    undefined,
    {},
    [1000],
    Symbol('x'),
    2 ** 53,
  ]
  for (const id of guesses) {
    const calls: readonly (() => unknown)[] = [
      () => made.net.write(id, new Uint8Array(1)),
      () => made.net.end(id),
      () => made.net.pause(id),
      () => made.net.resume(id),
      () => made.net.setNoDelay(id, true),
      () => made.net.setKeepAlive(id, true, 1),
      () => made.net.adopt(id, recording().events),
      () => made.net.address(id),
    ]
    for (const call of calls) t.throws(call, { code: 'EBADF' })
    t.same(made.net.ends(id), {})
    made.net.destroy(id, true)
    made.net.closeServer(id)
  }
})

t.test('where a server may listen is decided about exactly what is bound', async (t) => {
  const cases: readonly (readonly [rules: readonly string[], request: object, expected: object])[] = [
    [['127.0.0.1:0'], { host: '127.0.0.1', port: 0 }, { address: '127.0.0.1', family: 'IPv4' }],
    [
      ['127.0.0.1:0'],
      { port: 0 },
      { code: 'EACCES', address: '::', port: 0, syscall: 'listen', rule: 'nothing grants it' },
    ],
    [['127.0.0.1:0'], { host: '0.0.0.0', port: 0 }, { code: 'EACCES' }],
    [['127.0.0.1:0'], { host: 'localhost', port: 0 }, { code: 'EACCES' }],
    [['localhost:0'], { host: 'localhost', port: 0 }, { address: '127.0.0.1', family: 'IPv4' }],
    [['127.0.0.1:0'], { host: '127.0.0.1', port: 1 }, { code: 'EACCES' }],
    [['127.0.0.1:9000-9010'], { host: '127.0.0.1', port: 0 }, { code: 'EACCES' }],
    [['**:0'], { host: 'loop.example', port: 0 }, { code: 'EACCES' }],
    [['0.0.0.0/0:0'], { port: 0 }, { code: 'EACCES' }],
    [['127.0.0.1:0'], { host: '127.1', port: 0 }, { code: 'EACCES' }],
    [['127.0.0.1:0'], { path: '/tmp/x.sock' }, { code: 'EACCES' }],
    [['127.0.0.1:0'], { fd: 3 }, { code: 'EACCES' }],
  ]
  for (const [listen, request, expected] of cases) {
    const made = world({ listen }, { ...NAMES, localhost: [['127.0.0.1']] })
    const { events, seen, end } = recording()
    let result: unknown
    try {
      const id = made.net.listen(request, events)
      result =
        (await end) === 'listening' ? made.net.address(id) : seen.find(([name]) => name === 'error')?.[1]
    } catch (error) {
      result = error
    }
    t.match(result, expected, `${listen.join(' ')} and ${JSON.stringify(request)}`)
    t.equal(made.told.length, 1, 'told once')
    made.teardown()
  }
})

t.test('bytes cross in memory of their own, both ways', async (t) => {
  const got: Buffer[] = []
  const { port } = await listening(t, (socket) => {
    socket.on('data', (bytes) => {
      got.push(bytes)
      socket.write(bytes)
    })
  })
  const real = takeNetPowers({ net, dns })
  const made = makeNet({
    grant: freezeGrant(netGrant({ connect: [`127.0.0.1:${port}`] })),
    powers: real,
    realm,
    harden: Object.freeze as <T>(value: T) => T,
    limits: { sockets: 8 },
    line: makeWorkLine(realm.queueMicrotask, LOOKUPS_AT_ONCE),
    tell: () => undefined,
    onUncaught: (error) => t.fail(String(error)),
  })
  t.teardown(() => made.teardown())
  const { events, seen, end } = recording()
  const id = made.net.connect({ host: '127.0.0.1', port }, events)
  await end
  const received = (): Uint8Array[] =>
    seen.flatMap(([name, bytes]) => (name === 'data' ? [bytes as Uint8Array] : []))
  const until = async (length: number): Promise<void> => {
    while (received().reduce((sum, { length: bytes }) => sum + bytes, 0) < length)
      await new Promise((resolve) => setTimeout(resolve, 1))
  }
  made.net.resume(id)
  const changed = new Uint8Array(1000).fill(65)
  made.net.write(id, changed)
  changed.fill(66)
  const moved = new Uint8Array(1000).fill(67)
  made.net.write(id, moved)
  structuredClone(moved.buffer, { transfer: [moved.buffer] })
  class Liar extends Uint8Array {
    override get byteLength(): number {
      return 1_000_000
    }
    override get length(): number {
      return 1_000_000
    }
  }
  made.net.write(id, new Liar(10).fill(68))
  const view = new Uint8Array(5).fill(70)
  made.net.write(id, new Uint8Array(3).fill(69), new Uint8Array(), new DataView(view.buffer, 1, 2))
  view.fill(71)
  await until(2015)
  t.equal(
    Buffer.concat(got).toString(),
    `${'A'.repeat(1000)}${'C'.repeat(1000)}${'D'.repeat(10)}EEEFF`,
    'what was there when it was written',
  )
  for (const bytes of received()) {
    t.equal(Object.getPrototypeOf(bytes), Uint8Array.prototype, 'no Buffer of Node')
    t.equal(bytes.buffer.byteLength, bytes.byteLength, 'nothing else in its memory')
  }
  t.throws(() => made.net.write(id, new Uint8Array(made.net.mostBytes + 1)), { code: 'ERR_OUT_OF_RANGE' })
  t.throws(() => made.net.write(id, new Uint8Array(made.net.mostBytes), new Uint8Array(1)), {
    code: 'ERR_OUT_OF_RANGE',
  })
  t.throws(() => made.net.write(id, new Uint8Array(1), 'text'), { code: 'ERR_INVALID_ARG_TYPE' })
  for (const wrong of ['text', 5, null, [1], { length: 1 }, new DataView(new ArrayBuffer(1)).getUint8]) {
    t.throws(() => made.net.write(id, wrong), { code: 'ERR_INVALID_ARG_TYPE' })
  }
  t.throws(() => made.net.adopt(id, events), { code: 'ERR_INVALID_STATE' })
})

t.test('one write is under way at a time, and its end is told once', async (t) => {
  let peer: Socket | undefined
  const { port } = await listening(t, (socket) => {
    peer = socket.pause()
  })
  const real = takeNetPowers({ net, dns })
  const made = makeNet({
    grant: freezeGrant(netGrant({ connect: [`127.0.0.1:${port}`] })),
    powers: real,
    realm,
    harden: Object.freeze as <T>(value: T) => T,
    limits: { sockets: 8 },
    line: makeWorkLine(realm.queueMicrotask, LOOKUPS_AT_ONCE),
    tell: () => undefined,
    onUncaught: (error) => t.fail(String(error)),
  })
  t.teardown(() => made.teardown())
  const { events, seen, end } = recording()
  const id = made.net.connect({ host: '127.0.0.1', port }, events)
  await end
  const piece = new Uint8Array(made.net.mostBytes)
  let count = 0
  while (made.net.write(id, piece)) count += 1
  piece.fill(1) // the last one is still under way
  t.ok(count < 200, 'the system does not take all')
  t.throws(() => made.net.write(id, piece), { code: 'ERR_INVALID_STATE' })
  const written = (): number => seen.filter(([name]) => name === 'written').length
  t.equal(written(), 0)
  let changed = false
  peer?.on('data', (bytes: Buffer) => (changed ||= bytes.includes(1)))
  peer?.resume()
  while (written() === 0) await new Promise((resolve) => setTimeout(resolve, 1))
  made.net.write(id, new Uint8Array(1))
  made.net.end(id)
  while (!seen.some(([name]) => name === 'finish')) await new Promise((resolve) => setTimeout(resolve, 1))
  t.equal(written(), 1)
  const before = seen.length
  const ended = new Promise((resolve) => peer?.on('close', resolve))
  made.teardown()
  peer?.end()
  await ended
  t.notOk(changed, 'what was written is what arrives')
  await new Promise((resolve) => setTimeout(resolve, 5))
  t.equal(seen.length, before, 'after a stop nothing is told')
})

t.test('a connection of a server that nobody adopts at once is ended', async (t) => {
  const made = world({ listen: ['127.0.0.1:0'] })
  t.teardown(() => made.teardown())
  const { events, end } = recording()
  let late: number | undefined
  const id = made.net.listen(
    { host: '127.0.0.1', port: 0 },
    {
      ...events,
      connection: (socket: number) => {
        late = socket
      },
    },
  )
  await end
  const client = net.connect(made.net.address(id)?.port ?? 0, '127.0.0.1')
  client.resume().on('error', () => undefined)
  await new Promise((resolve) => client.on('close', resolve))
  t.throws(() => made.net.adopt(late, recording().events), { code: 'EBADF' })
})

t.test('after a stop every function says so', async (t) => {
  const made = world({ ...EVERY_NAME, listen: ['127.0.0.1:0'] }, NAMES)
  const { events, seen } = recording()
  const id = made.net.connect({ host: 'public.example', port: 443 }, events)
  made.teardown()
  const calls: Readonly<Record<string, () => unknown>> = {
    connect: () => made.net.connect({ host: 'public.example', port: 443 }, events),
    listen: () => made.net.listen({ host: '127.0.0.1', port: 0 }, events),
    adopt: () => made.net.adopt(id, events),
    ends: () => made.net.ends(id),
    write: () => made.net.write(id, new Uint8Array(1)),
    end: () => made.net.end(id),
    pause: () => made.net.pause(id),
    resume: () => made.net.resume(id),
    setNoDelay: () => made.net.setNoDelay(id, true),
    setKeepAlive: () => made.net.setKeepAlive(id, true, 0),
    destroy: () => made.net.destroy(id, false),
    address: () => made.net.address(id),
    closeServer: () => made.net.closeServer(id),
  }
  t.same(
    Object.keys(calls).toSorted(),
    Object.keys(made.net)
      .filter((name) => name !== 'mostBytes')
      .toSorted(),
    'all of them are here',
  )
  for (const [name, call] of Object.entries(calls)) t.throws(call, { code: 'PLUGIN_STOPPED' }, name)
  await new Promise((resolve) => setTimeout(resolve, 5))
  t.same([seen, made.opened], [[], []], 'and nothing goes on')
})
