/**
 * Names that lead where no rule does: to another address at the second question, to a
 * granted one and others at once, to the machine itself. The name server is the
 * stage's own; a bare Node is told to ask it, plugins do by themselves.
 */
import type { Chapter, EscapeCase } from '../escape-case.js'
import { GRANTED_ADDRESS } from '../stage.js'

/** `lookup` for a bare Node, which has no name servers of its own here; and one that checks first, as a naive wall would. */
const LOOKUP = `
  const { Resolver } = require('dns').promises
  const ask = async (name) => { const resolver = new Resolver(); resolver.setServers(['127.0.0.1:' + target.dnsPort]); return resolver.resolve4(name) }
  const lookup = (name, options, done) => ask(name).then(([address]) => (options.all ? done(null, [{ address, family: 4 }]) : done(null, address, 4)), done)
  const bare = target.bare ? { lookup } : {}
  if (target.bare) await ask('turning.names.invalid') // what a check before the connection would have asked
  const settle = (emitter) => new Promise((resolve) => { for (const name of ['connect', 'secureConnect', 'response', 'error', 'close']) emitter.on(name, (value) => resolve(value)); emitter.on('data', (chunk) => told.push(chunk)); setTimeout(resolve, 500) })`

const to = (name: string, code: string, more: Partial<EscapeCase> = {}): EscapeCase => ({
  name,
  code: `${LOOKUP}\n${code}`,
  ...more,
})

export const names: Chapter = {
  name: 'names',
  grant: ({ target }) => ({
    net: { connect: [`*.names.invalid:${target.port}`, `${GRANTED_ADDRESS}:${target.port}`] },
  }),
  cases: [
    to(
      'a name that leads to the machine',
      `return settle(require('net').connect({ host: 'inside.names.invalid', port: target.port, ...bare }))`,
    ),
    to(
      'a name that leads to the unspecified address',
      `return settle(require('net').connect({ host: 'zero.names.invalid', port: target.port, ...bare }))`,
    ),
    to(
      'a name that leads elsewhere the second time',
      `for (let count = 0; count < 3; count++) { await settle(require('net').connect({ host: 'turning.names.invalid', port: target.port, ...bare })) }`,
      { smoke: true },
    ),
    to(
      'a name that was asked before it is connected to',
      `const dns = require('dns').promises; for (let count = 0; count < 3; count++) { told.push(await dns.lookup('turning.names.invalid').catch(String), await dns.resolve4('turning.names.invalid').catch(String)); await settle(require('net').connect({ host: 'turning.names.invalid', port: target.port, ...bare })) }`,
    ),
    to(
      'a name with a granted address beside another',
      `for (let count = 0; count < 3; count++) await settle(require('net').connect({ host: 'both.names.invalid', port: target.port, ...bare }))`,
    ),
    to(
      'the other address of such a name, by a look-up of its own',
      `const own = (host, options, done) => options.all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4); return settle(require('net').connect({ host: 'both.names.invalid', port: target.port, lookup: own }))`,
      { smoke: true },
    ),
    to(
      'the same by autoSelectFamily',
      `for (let count = 0; count < 2; count++) await settle(require('net').connect({ host: 'both.names.invalid', port: target.port, autoSelectFamily: true, ...bare }))`,
    ),
    to(
      'HTTP to a name that turns',
      `const http = require('http'); for (let count = 0; count < 3; count++) await settle(http.get({ host: 'turning.names.invalid', port: target.port, agent: false, ...bare }))`,
    ),
    to(
      'a kept connection to a name that turns',
      `const http = require('http'); const agent = new http.Agent({ keepAlive: true }); for (let count = 0; count < 3; count++) await settle(http.get({ host: 'turning.names.invalid', port: target.port, agent, ...bare })); agent.destroy()`,
    ),
    to(
      'TLS to a name that turns',
      `for (let count = 0; count < 3; count++) await settle(require('tls').connect({ host: 'turning.names.invalid', servername: 'granted.invalid', port: target.port, rejectUnauthorized: false, ...bare }))`,
    ),
    to(
      'fetch of a name that turns',
      `for (let count = 0; count < 3; count++) told.push(await fetch('http://turning.names.invalid:' + target.port).then((response) => response.text(), String)); if (target.bare) await settle(require('net').connect({ host: 'inside.names.invalid', port: target.port, ...bare }))`,
    ),
    to(
      'a name with a dot at its end',
      `return settle(require('net').connect({ host: 'inside.names.invalid.', port: target.port, ...bare }))`,
      { tame: 'the resolver of this stage keeps the dot' },
    ),
    to(
      'a name in capitals',
      `return settle(require('net').connect({ host: 'INSIDE.NAMES.INVALID', port: target.port, ...bare }))`,
    ),
    to(
      'the addresses of the inside, by dns',
      `const dns = require('dns').promises; const found = [await dns.resolve4('inside.names.invalid').catch(String), await dns.lookup('inside.names.invalid', { all: true }).catch(String), target.bare ? await ask('inside.names.invalid') : []]; return JSON.stringify(found).includes('127.0.0.1') ? 'escaped to 1' : found`,
    ),
    to(
      'the addresses of the inside, by events',
      `const socket = require('net').connect({ host: 'both.names.invalid', port: target.port, ...bare }); socket.on('lookup', (...values) => told.push(values)); await settle(socket); return JSON.stringify(told).includes('127.0.0.1') || (target.bare && told.length > 0) ? 'escaped to 1' : ''`,
      { smoke: true },
    ),
    to(
      'the addresses of the inside, by errors',
      `const error = await settle(require('net').connect({ host: 'inside.names.invalid', port: target.port, ...bare })); const said = JSON.stringify([error?.message, error?.rule, error?.address, error]); return said?.includes('127.0.0.1') || target.bare ? 'escaped to 1' : said`,
    ),
  ],
}
