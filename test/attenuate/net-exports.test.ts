// Every export of node:net, and every member of its classes, on each supported Node, is either there for plugins or
// listed as cut in docs/built-ins.md. What reaches the network is denied without a grant as the API itself denies,
// and works within one.
import { readFileSync } from 'node:fs'
import * as hostNet from 'node:net'
import t from 'tap'
import { echo, netThread, outcome } from './net-world.js'

/** Why a name is not there: the page says it. */
const CUT: readonly string[] = ['setSimultaneousAccepts', 'BoundSocket']
/** What reaches the network; every other export is checked by its shape here and by net-as-node.test.ts. */
const REACHING: Readonly<Record<string, (port: number) => string>> = {
  connect: (port) => `opened(net.connect(${port}, '127.0.0.1'))`,
  createConnection: (port) => `opened(net.createConnection({ port: ${port}, host: '127.0.0.1' }))`,
  Socket: (port) => `opened(new net.Socket().connect({ port: ${port}, host: '127.0.0.1' }))`,
  Stream: (port) => `opened(new net.Stream().connect(${port}, '127.0.0.1'))`,
  Server: () => `bound(new net.Server().listen(0, '127.0.0.1'))`,
  createServer: () => `bound(net.createServer().listen({ port: 0, host: '127.0.0.1' }))`,
}
const SHAPES: Readonly<Record<string, string>> = Object.fromEntries(
  [
    'BlockList SocketAddress isIP isIPv4 isIPv6 getDefaultAutoSelectFamily setDefaultAutoSelectFamily',
    'getDefaultAutoSelectFamilyAttemptTimeout setDefaultAutoSelectFamilyAttemptTimeout',
  ]
    .flatMap((line) => line.split(' '))
    .map((name) => [name, 'function']),
)
/** Members of Node's classes that are not there; those that start with `_` are Node's own. */
const CUT_MEMBERS: readonly string[] = [
  'setTypeOfService getTypeOfService addAddresses addCIDR addCIDRs removeAddress removeRange removeSubnet removeCIDR',
  'clear size PRIVATE_RANGES',
].flatMap((line) => line.split(' '))

t.test('every export of this Node is known: there for plugins, or cut with a reason', async (t) => {
  const thread = await netThread(t, {})
  const page = readFileSync('docs/built-ins.md', 'utf8')
  const own = (await thread.value(
    `Object.fromEntries(Object.entries(require('net')).map(([name, value]) => [name, typeof value]))`,
  )) as Readonly<Record<string, string>>
  for (const name of Object.keys(hostNet)) {
    if (name === 'default' || name === 'module.exports' || name.startsWith('_')) continue
    const isCut = CUT.includes(name)
    t.equal(Object.hasOwn(own, name), !isCut, `net.${name} is ${isCut ? 'cut' : 'there'}`)
    if (isCut) t.ok(page.includes(`\`${name}\``), `docs/built-ins.md says why ${name} is cut`)
  }
  for (const [name, type] of Object.entries(own)) {
    t.equal(Object.hasOwn(REACHING, name) ? 'function' : SHAPES[name], type, `net.${name} is in a table here`)
  }
})

t.test('every member of the classes of this Node is known', async (t) => {
  const thread = await netThread(t, {})
  const page = readFileSync('docs/built-ins.md', 'utf8')
  for (const [name, host] of [
    ['Socket', hostNet.Socket],
    ['Server', hostNet.Server],
    ['BlockList', hostNet.BlockList],
    ['SocketAddress', hostNet.SocketAddress],
  ] as const) {
    const members = Object.getOwnPropertyNames(host.prototype).filter((key) => !key.startsWith('_'))
    const statics = Object.getOwnPropertyNames(host).filter(
      (key) => !['length', 'name', 'prototype'].includes(key),
    )
    const missing = (await thread.value(
      `(() => {
        const Class = require('net').${name}
        const one = new Class()
        return [...${JSON.stringify(members)}.filter((key) => !(key in one)), ...${JSON.stringify(statics)}.filter((key) => !(key in Class))]
      })()`,
    )) as readonly string[]
    for (const key of missing) {
      t.ok(CUT_MEMBERS.includes(key), `${name}.${key} is there, or in a table here`)
      t.ok(page.includes(`\`${key}\``), `docs/built-ins.md says why ${key} is cut`)
    }
  }
})

t.test('without a grant each is denied as the API itself denies, and told once', async (t) => {
  const { port, count } = await echo(t)
  const thread = await netThread(t, {})
  for (const [name, run] of Object.entries(REACHING)) {
    const syscall = name.includes('Server') ? 'listen' : 'connect'
    const denied = { code: 'EACCES', errno: -13, syscall, address: '127.0.0.1', rule: 'nothing grants it' }
    t.match(await outcome(thread, run(port)), denied, name)
    t.equal(((await thread.send({ kind: 'denials' })) as unknown[]).length, 1, `${name}: told once`)
  }
  t.equal(count(), 0)
})

t.test('within the grant each works', async (t) => {
  const { port } = await echo(t)
  const thread = await netThread(t, { connect: [`127.0.0.1:${port}`], listen: ['127.0.0.1:0'] })
  for (const [name, run] of Object.entries(REACHING)) {
    const works = name.includes('Server') ? { address: '127.0.0.1', family: 'IPv4' } : 'connected'
    t.match(await outcome(thread, run(port)), works, name)
  }
  t.same(await thread.send({ kind: 'denials' }), [])
  const told = (await thread.send({ kind: 'told' })) as readonly (readonly [string, boolean])[]
  t.same(
    told.map(([what, allowed]) => `${what.replace(String(port), 'PORT')} ${allowed}`),
    [
      ...Array.from({ length: 4 }, () => 'net.connect 127.0.0.1:PORT true'),
      ...Array.from({ length: 2 }, () => 'net.listen 127.0.0.1:0 true'),
    ],
    'what is allowed is told too',
  )
})
