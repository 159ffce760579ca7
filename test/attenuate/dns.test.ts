// A plugin learns the addresses of names that it may connect to, and nothing about the network around the node.
// Every export of node:dns is there or cut with a reason; what is denied never reaches a server.
import * as hostDns from 'node:dns'
import * as hostPromises from 'node:dns/promises'
import { readFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { DEFAULT_LIMITS } from '../../lib/policy/document.js'
import type { Grant } from '../../lib/policy/grant.js'
import { startDnsServer, type DnsServer } from './dns-server.js'
import { FLAGS, startThread, type Thread } from './thread.js'

t.setTimeout(60_000)

function grantTo(connect: readonly string[]): Grant {
  return {
    plugin: 'test-plugin',
    request: { net: { connect } },
    packages: {},
    narrow: null,
    add: [],
    limits: DEFAULT_LIMITS,
    home: '/nowhere/home',
    data: '/nowhere/data',
    denied: { read: [], write: [] },
  }
}

/** From Node 25 on the thread's own flags have to open the network too. */
const NETWORK = process.allowedNodeEnvironmentFlags.has('--allow-net') ? ['--allow-net'] : []

interface World {
  readonly server: DnsServer
  readonly thread: Thread
  /** What an expression gives, or facts of its error; `dns` asks the test's server. */
  run(expression: string): Promise<unknown>
}

async function start(t: Test, connect: readonly string[]): Promise<World> {
  const server = await startDnsServer(t)
  const own = `127.0.0.1:${server.port}`
  const grant = grantTo([...connect, ...(connect.length === 0 ? [] : [own])])
  const thread = await startThread(t, { grant, flags: [...FLAGS, ...NETWORK] })
  const run = (expression: string): Promise<unknown> =>
    thread.value(`(async () => {
      const dns = require('dns'), server = '${own}'
      try { dns.setServers([server]) } catch (error) { if (error.code !== 'EACCES') throw error }
      const call = (name, ...args) =>
        new Promise((done, fail) => dns[name](...args, (error, ...values) => error ? fail(error) : done(values)))
      try { return await (${expression}) } catch (error) {
        const { name, code, errno, syscall, hostname, rule, message } = error
        return { name, code, errno, syscall, hostname, rule, message, keys: Object.keys(error) }
      }
    })()`)
  return { server, thread, run }
}

const major = Number(process.versions.node.split('.')[0])
const hasTlsa = Object.hasOwn(hostDns, 'resolveTlsa')

const SOA = {
  nsname: 'ns.test',
  hostmaster: 'root.test',
  serial: 7,
  refresh: 900,
  retry: 901,
  expire: 1800,
  minttl: 60,
}
const NAPTR = { flags: 'S', service: 'SIP', regexp: '', replacement: 'sip.test', order: 1, preference: 2 }
const V6 = '2606:2800:220:1:248:1893:25c8:1946'

/** What each function that asks gives for `a.test`, and the syscall of its errors. */
const QUERIES: Readonly<Record<string, { readonly syscall: string; readonly found: unknown }>> = {
  resolve4: { syscall: 'queryA', found: ['93.184.216.34'] },
  resolve6: { syscall: 'queryAaaa', found: [V6] },
  resolveCaa: { syscall: 'queryCaa', found: [{ critical: 0, issue: 'ca.test' }] },
  resolveMx: { syscall: 'queryMx', found: [{ exchange: 'mail.test', priority: 10 }] },
  resolveNaptr: { syscall: 'queryNaptr', found: [NAPTR] },
  resolveNs: { syscall: 'queryNs', found: ['ns.test'] },
  resolveSoa: { syscall: 'querySoa', found: SOA },
  resolveSrv: { syscall: 'querySrv', found: [{ name: 'b.test', port: 443, priority: 1, weight: 5 }] },
  resolveTxt: { syscall: 'queryTxt', found: [['v=1', 'more']] },
  ...(hasTlsa
    ? { resolveTlsa: { syscall: 'queryTlsa', found: [{ certUsage: 3, selector: 1, match: 1 }] } }
    : {}),
}
/** Those whose answer for `a.test` is another: see the tests below. */
const OTHERS = ['resolveAny', 'resolveCname', 'resolvePtr', 'reverse', 'resolve', 'lookup', 'lookupService']
const STATE = [
  'getServers',
  'setServers',
  'getDefaultResultOrder',
  'setDefaultResultOrder',
  'Resolver',
  'promises',
]

t.test('every export of this Node is known: asked below, or a constant with the same value', async (t) => {
  const { thread } = await start(t, [])
  for (const [module, host] of [
    ['dns', hostDns],
    ['dns/promises', hostPromises],
  ] as const) {
    const own = (await thread.value(
      `Object.fromEntries(Object.entries(require('${module}')).map(([name, value]) => [name, typeof value === 'object' || typeof value === 'function' ? typeof value : value]))`,
    )) as Readonly<Record<string, unknown>>
    const names = Object.keys(host).filter((name) => name !== 'default' && name !== 'module.exports')
    const extra = Object.keys(own).filter((name) => !names.includes(name))
    t.same(
      extra,
      module === 'dns' ? [] : ['ADDRCONFIG', 'ALL', 'V4MAPPED'].filter((name) => extra.includes(name)),
    )
    for (const name of names) {
      const value: unknown = Reflect.get(host, name)
      if (typeof value === 'function' || typeof value === 'object') {
        t.equal(own[name], typeof value, `${module}.${name} is there`)
        const known = Object.hasOwn(QUERIES, name) || OTHERS.includes(name) || STATE.includes(name)
        t.ok(known, `${module}.${name} is in a table here`)
      } else {
        t.equal(own[name], value, `${module}.${name}`)
      }
    }
  }
  const methods = (on: unknown): readonly string[] => {
    const names: string[] = []
    for (let at = on; at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at))
      names.push(...Object.getOwnPropertyNames(at))
    return [...new Set(names)].filter((name) => !name.startsWith('_')).toSorted()
  }
  const page = readFileSync('docs/built-ins.md', 'utf8')
  for (const from of ['dns', 'dns/promises']) {
    const { Resolver } = from === 'dns' ? hostDns : hostPromises
    const own = await thread.value(
      `(() => { const names = []; for (let at = require('${from}').Resolver.prototype; at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at)) names.push(...Object.getOwnPropertyNames(at)); return [...new Set(names)].sort() })()`,
    )
    const cut = 'setLocalAddress'
    t.same(
      own,
      methods(Resolver.prototype).filter((name) => name !== cut),
    )
    t.ok(page.includes(`\`${cut}\``), 'docs/built-ins.md says why')
  }
})

t.test('without a grant each question is denied before it reaches a server, and reported once', async (t) => {
  const { server, thread, run } = await start(t, [])
  const cases: readonly (readonly [string, string, string])[] = [
    ...Object.entries({
      ...QUERIES,
      resolveCname: { syscall: 'queryCname' },
      resolveAny: { syscall: 'queryAny' },
    }).map(([name, { syscall }]) => [name, `"a.test"`, syscall] as const),
    ['lookup', '"localhost"', 'getaddrinfo'],
    ['lookupService', '"127.0.0.1", 80', 'getnameinfo'],
    ['reverse', '"127.0.0.1"', 'getHostByAddr'],
    ['resolvePtr', '"1.0.0.127.in-addr.arpa"', 'queryPtr'],
    ['resolve', '"a.test"', 'queryA'],
  ]
  for (const [name, args, syscall] of cases) {
    const forms = [
      `call('${name}', ${args})`,
      `dns.promises.${name}(${args})`,
      `require('util').promisify(dns.${name})(${args})`,
    ]
    for (const form of forms) {
      await thread.send({ kind: 'denials' })
      const error = await run(form)
      t.match(error, { name: 'Error', code: 'EACCES', errno: -13, syscall }, form)
      t.ok((error as { rule: string }).rule.length > 0, `${form} says the rule`)
      const denials = (await thread.send({ kind: 'denials' })) as readonly (readonly [string])[]
      t.equal(denials.filter(([what]) => !what.includes(`:${server.port}`)).length, 1, `${form}: one report`)
    }
  }
  for (const form of [`dns.setServers([server])`, `new dns.Resolver().setServers([server])`])
    t.match(await run(form), { code: 'EACCES', syscall: 'setServers' }, form)
  t.same(server.asked, [], 'no question came')
})

t.test('within the grant each type of record is found, in each form', async (t) => {
  const { server, thread, run } = await start(t, [
    'a.test:443',
    '*.a.test:443',
    '10.1.2.3:80',
    'localhost:80',
  ])
  for (const [name, { found }] of Object.entries(QUERIES)) {
    const type = name.slice('resolve'.length).toUpperCase().replace('4', 'A').replace('6', 'AAAA')
    const forms = [
      `call('${name}', 'a.test').then(([value]) => value)`,
      `dns.promises.${name}('a.test')`,
      `require('dns/promises').resolve('a.test', '${type}')`,
      `(() => { const own = new dns.Resolver(); own.setServers([server]); return new Promise((done) => own.${name}('a.test', (error, value) => done(value))) })()`,
      `(() => { const own = new dns.promises.Resolver(); own.setServers([server]); return own.${name}('a.test') })()`,
    ]
    for (const form of forms) t.match(await run(form), found as object, form)
  }
  t.same(await run(`dns.promises.resolve4('a.test', { ttl: true })`), [{ address: '93.184.216.34', ttl: 60 }])
  t.same(await run(`dns.promises.resolveCname('www.a.test')`), ['a.test'])
  t.match(await run(`dns.promises.resolveSrv('_db._tcp.a.test')`), [{ name: 'a.test', port: 5432 }])
  t.same(await run(`dns.promises.resolve('bücher.a.test')`), ['93.184.216.34'], 'an international name')
  t.same(await run(`dns.promises.reverse('10.1.2.3')`), ['printer.inner.example'])
  const any = (await run(`dns.promises.resolveAny('a.test')`)) as readonly { readonly type: string }[]
  for (const type of ['A', 'AAAA', 'MX', 'TXT'])
    t.ok(
      any.some((record) => record.type === type),
      `ANY has ${type}`,
    )
  if (hasTlsa) {
    const data = `dns.promises.resolveTlsa('a.test').then(([{ data }]) => [data instanceof ArrayBuffer, [...new Uint8Array(data)]])`
    t.same(await run(data), [true, [0xab, 0xcd]])
  }
  t.same(await thread.send({ kind: 'denials' }), [])
  t.ok(server.asked.includes('MX a.test'))
})

t.test('lookup has the shapes and checks of Node', async (t) => {
  const { run } = await start(t, ['localhost:80', '127.0.0.1:80'])
  const cases: readonly (readonly [string, unknown])[] = [
    [`call('lookup', 'localhost', 4)`, ['127.0.0.1', 4]],
    [`call('lookup', 'localhost', { family: 'IPv4' })`, ['127.0.0.1', 4]],
    [`call('lookup', 'LOCALHOST', { family: 4, all: true })`, [[{ address: '127.0.0.1', family: 4 }]]],
    [`dns.promises.lookup('localhost', { family: 4, verbatim: false })`, { address: '127.0.0.1', family: 4 }],
    [`dns.promises.lookup('localhost', { family: 4, all: true })`, [{ address: '127.0.0.1', family: 4 }]],
    [`require('util').promisify(dns.lookup)('localhost', 4)`, { address: '127.0.0.1', family: 4 }],
    [`dns.promises.lookup('10.9.9.9')`, { address: '10.9.9.9', family: 4 }],
    [`call('lookup', '::1', {})`, ['::1', 6]],
    [`call('lookup', '', {})`, [null, 4]],
    [`dns.promises.lookup('localhost', { family: 4, hints: dns.ADDRCONFIG })`, { address: '127.0.0.1' }],
    [`require('util').promisify(dns.lookupService)('127.0.0.1', 80)`, { service: 'http' }],
    [`(dns.setDefaultResultOrder('ipv6first'), dns.promises.getDefaultResultOrder())`, 'ipv6first'],
    [`dns.getServers()`, [/^127\.0\.0\.1:/]],
    [`new dns.Resolver().getServers()`, []],
    [`dns.lookup('localhost')`, { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' }],
    [`dns.lookup({}, () => {})`, { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' }],
    [`dns.lookup('localhost', 5, () => {})`, { code: 'ERR_INVALID_ARG_VALUE' }],
    [`dns.lookup('localhost', { hints: 1 << 20 }, () => {})`, { code: 'ERR_INVALID_ARG_VALUE' }],
    [`dns.lookup('localhost', { order: 'best' }, () => {})`, { code: 'ERR_INVALID_ARG_VALUE' }],
    [`dns.setDefaultResultOrder('best')`, { code: 'ERR_INVALID_ARG_VALUE' }],
    [`dns.lookupService('localhost', 80, () => {})`, { code: 'ERR_INVALID_ARG_VALUE' }],
    [`dns.lookupService('127.0.0.1', 65536, () => {})`, { name: 'RangeError', code: 'ERR_SOCKET_BAD_PORT' }],
    [`dns.resolve('a.test', 'HINFO', () => {})`, { code: 'ERR_INVALID_ARG_VALUE' }],
    [`dns.resolve4(7, () => {})`, { code: 'ERR_INVALID_ARG_TYPE' }],
    [`dns.resolve4('a.test')`, { code: 'ERR_INVALID_ARG_TYPE' }],
    [`dns.setServers(['not an address'])`, { name: 'TypeError', code: 'ERR_INVALID_IP_ADDRESS' }],
    [`dns.setServers('127.0.0.1')`, { code: 'ERR_INVALID_ARG_TYPE' }],
    [`new dns.Resolver({ timeout: -2 })`, { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' }],
    [`new dns.Resolver({ tries: 0 })`, { code: 'ERR_OUT_OF_RANGE' }],
    [`call('reverse', 'localhost')`, { code: 'EINVAL', syscall: 'getHostByAddr' }],
    [
      `[new dns.Resolver(), new dns.promises.Resolver()].map((one) => typeof one.setLocalAddress)`,
      ['undefined', 'undefined'],
    ],
  ]
  for (const [expression, expected] of cases) t.match(await run(expression), expected as object, expression)
})

t.test('what a server does not know or say is the error that Node gives', async (t) => {
  const { run } = await start(t, ['*.a.test:443', 'a.test:443', 'x.invalid:80'])
  t.match(await run(`dns.promises.resolve4('missing.a.test')`), {
    name: 'Error',
    code: 'ENOTFOUND',
    syscall: 'queryA',
    hostname: 'missing.a.test',
    message: 'queryA ENOTFOUND missing.a.test',
  })
  t.match(await run(`dns.promises.resolveMx('mixed.a.test')`), { code: 'ENODATA', syscall: 'queryMx' })
  t.match(await run(`dns.promises.lookup('x.invalid')`), {
    code: /^(ENOTFOUND|EAI_AGAIN)$/,
    syscall: 'getaddrinfo',
    hostname: 'x.invalid',
  })
  const silent = `(() => { const own = new dns.promises.Resolver({ timeout: 50, tries: 1${major > 22 ? ', maxTimeout: 100' : ''} }); own.setServers([server]); return own.resolve4('silent.a.test') })()`
  t.match(await run(silent), { code: 'ETIMEOUT', syscall: 'queryA' })
  const cancelled = `(() => { const own = new dns.promises.Resolver(); own.setServers([server]); const asked = own.resolve4('silent.a.test'); own.cancel(); return asked })()`
  t.match(await run(cancelled), { code: 'ECANCELLED', syscall: 'queryA' })
})

t.test(
  'addresses of the network around the node are not told, unless they are granted by themselves',
  async (t) => {
    const { server, thread, run } = await start(t, ['**:443', '10.1.2.3:80'])
    t.same(await run(`dns.promises.resolve4('mixed.a.test')`), ['93.184.216.34', '10.1.2.3', '127.0.0.1'])
    t.match(await run(`dns.promises.resolveAny('mixed.a.test')`), [
      { address: '93.184.216.34' },
      { address: '10.1.2.3' },
    ])
    t.same(await run(`dns.promises.resolve4('inner.a.test')`), ['10.1.2.3'])
    await thread.send({ kind: 'denials' })
    const hidden = await run(`dns.promises.resolve6('inner.a.test')`)
    t.match(hidden, { code: 'EACCES', syscall: 'queryAaaa', hostname: 'inner.a.test' })
    t.notMatch(JSON.stringify(hidden), /fd00/i, 'the address is not in the error')
    t.match(await thread.send({ kind: 'denials' }), [['net.resolve inner.a.test']])
    const reversed: readonly string[] = [
      `dns.promises.reverse('10.9.9.9')`,
      `dns.promises.resolvePtr('9.9.9.10.in-addr.arpa')`,
      `dns.promises.resolve('9.9.9.10.IN-ADDR.arpa.', 'PTR')`,
      `dns.promises.resolveCname('9.9.9.10.in-addr.arpa')`,
      `dns.promises.lookup('localhost')`,
      `dns.promises.lookup('x.localhost')`,
      `dns.promises.lookup('0x7f.1')`,
      `dns.promises.lookup('2130706433')`,
      `dns.promises.lookup('a.test\\0.evil')`,
      `dns.promises.lookupService('10.9.9.9', 443)`,
      `dns.promises.lookupService('127.0.0.1', 443)`,
    ]
    const before = server.asked.length
    for (const form of reversed) t.match(await run(form), { code: 'EACCES' }, form)
    t.equal(server.asked.length, before, 'and no server was asked')
  },
)

t.test(
  'a plugin changes its own servers and nobody else’s, and only to servers that are granted',
  async (t) => {
    const { server, run, thread } = await start(t, ['*.a.test:443', '127.0.0.2:53'])
    t.same(await run(`(dns.setServers(['127.0.0.2']), dns.getServers())`), ['127.0.0.2'])
    t.match(await run(`dns.setServers(['127.0.0.3'])`), { code: 'EACCES', rule: 'nothing grants it' })
    t.match(await run(`dns.promises.setServers(['[::1]:5353'])`), { code: 'EACCES' })
    t.notMatch(hostDns.getServers().join(), '127.0.0.2')
    // The trusted function itself, which a plugin can reach as `this` of nothing, is asked through a changed list.
    const shifty = `(() => { let reads = 0; const list = new Proxy([server], { get: (on, key) => key === '0' && reads++ > 0 ? '127.0.0.3' : on[key] }); dns.setServers(list); return dns.getServers() })()`
    t.same(await run(shifty), [`127.0.0.1:${server.port}`])
    t.match(await run(`(dns.setServers([]), dns.promises.resolve4('www.a.test'))`), {
      code: /^(ECONNREFUSED|UNKNOWN_ARES_ERROR)$/, // which one is up to the c-ares of this Node
    })
    await thread.send({ kind: 'denials' })
  },
)

t.test('the servers that the node names answer for everything, unseen', async (t) => {
  const server = await startDnsServer(t)
  const grant = grantTo(['**:443', '10.1.2.3:80'])
  const dnsServers = [`127.0.0.1:${server.port}`]
  const thread = await startThread(t, { grant, flags: [...FLAGS, ...NETWORK], dnsServers })
  const cases: readonly (readonly [string, unknown])[] = [
    [`resolveTxt('a.test')`, [['v=1', 'more']]],
    [`lookup('a.test')`, { address: '93.184.216.34', family: 4 }],
    [`lookup('a.test', { order: 'ipv6first' })`, { address: V6, family: 6 }],
    [`lookup('a.test', { family: 6, all: true })`, [{ address: V6, family: 6 }]],
    [`lookup('inner.a.test', { all: true })`, [{ address: '10.1.2.3', family: 4 }]],
    [`lookup('missing.a.test').catch(({ code, syscall }) => [code, syscall])`, ['ENOTFOUND', 'getaddrinfo']],
    [
      `lookup('inner.a.test', 6).catch(({ code, message }) => [code, message.includes('fd00')])`,
      ['EACCES', false],
    ],
    [`getServers()`, []],
  ]
  for (const [call, expected] of cases)
    t.same(await thread.value(`require('dns').promises.${call}`), expected, call)
  t.ok(server.asked.length >= 9)
})

t.test('queries under way are bounded, and end with the plugin', async (t) => {
  const { thread, run } = await start(t, ['*.a.test:443'])
  const many = `(async () => {
    const own = new dns.promises.Resolver(); own.setServers([server])
    const all = Array.from({ length: 65 }, () => own.resolve4('silent.a.test').catch(({ code }) => code))
    const last = await all[64]
    own.cancel()
    return [last, new Set(await Promise.all(all.slice(0, 64))).size, await own.resolve4('www.a.test').catch(({ code }) => code)]
  })()`
  t.match(await run(many), ['ERR_DNS_QUERY_LIMIT', 1])
  await thread.evaluate(`
    const dns = require('dns')
    globalThis.called = 0
    dns.resolve4('silent.a.test', () => { globalThis.called += 1; console.log('called') })
    module.exports = () => 1`)
  await thread.send({ kind: 'teardown' })
  await thread.send({ kind: 'turn' })
  t.same(await thread.logs(), [], 'no callback ran')
  for (const form of [`dns.promises.resolve4('a.test')`, `dns.promises.lookup('a.test')`])
    t.match(await run(form), { code: 'PLUGIN_STOPPED' }, form)
})

t.test('a callback that throws is reported and runs as nobody', async (t) => {
  const { thread } = await start(t, ['localhost:80'])
  await thread.value(
    `new Promise((done) => require('dns').lookup('localhost', function () { done(); throw new Error(typeof this) }))`,
  )
  await thread.send({ kind: 'turn' })
  t.match(await thread.logs(), [['error', /uncaught.*undefined/]])
})
