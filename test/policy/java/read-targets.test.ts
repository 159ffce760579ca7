// What the translator reads a target into is what the JDK makes of it.
import t from 'tap'
import { readFileTarget } from '../../../lib/policy/java/file-permission.js'
import { readSocketPermission } from '../../../lib/policy/java/socket-permission.js'

t.test('a file target is a kind and a normalised path', (t) => {
  const cases: readonly [target: string, kind: string, path: string][] = [
    ['<<ALL FILES>>', 'all', ''],
    ['/a/-', 'recursive', '/a'],
    ['/a//b/../*', 'directory', '/a'],
    ['/a', 'path', '/a'],
    ['/a/b*', 'path', '/a/b-'],
    ['/a/**', 'path', '/a/*-'],
    ['/a/*/b', 'path', '/a/*/b'],
    ['/-', 'recursive', '/'],
    ['/*', 'directory', '/'],
    ['-', 'recursive', ''],
    ['*', 'directory', ''],
    ['./-', 'recursive', ''],
    ['a/-', 'recursive', 'a'],
    ['../*', 'directory', '..'],
    ['/../..', 'path', '/'],
    ['a/../..', 'path', '..'],
    ['', 'path', ''],
    ['/a\0', 'none', ''],
    ['/\ud800', 'none', ''],
    ['/\ud83d\ude00', 'path', '/\ud83d\ude00'],
  ]
  for (const [target, kind, path] of cases)
    t.same(readFileTarget(target), { kind, path }, JSON.stringify(target))
  t.end()
})

t.test('a socket target is a host and ports, and every action brings resolve', (t) => {
  const all = { from: 0, to: 65535 }
  const cases: readonly [target: string, host: object, ports: object][] = [
    ['*', { kind: 'any' }, all],
    ['*:443', { kind: 'any' }, { from: 443, to: 443 }],
    ['*.Example.com:80-', { kind: 'domain', suffix: '.example.com' }, { from: 80, to: 65535 }],
    ['Example.com:-80', { kind: 'name', name: 'Example.com' }, { from: 0, to: 80 }],
    ['10.1:1-2', { kind: 'address', address: '10.0.0.1' }, { from: 1, to: 2 }],
    ['[::1]:*', { kind: 'address', address: '0:0:0:0:0:0:0:1' }, all],
    ['1:2:3:4:5:6:7:8:9', { kind: 'address', address: '1:2:3:4:5:6:7:8' }, { from: 9, to: 9 }],
    ['[::ffff:1.2.3.4]', { kind: 'address', address: '1.2.3.4' }, all],
    ['localhost', { kind: 'name', name: 'localhost' }, all],
    ['', { kind: 'name', name: 'localhost' }, all],
    [':80', { kind: 'name', name: '' }, { from: 80, to: 80 }],
  ]
  for (const [target, host, ports] of cases) {
    const read = readSocketPermission({
      class: 'java.net.SocketPermission',
      target,
      actions: 'Accept, connect',
    })
    t.same(read, { host, ports, actions: ['connect', 'accept', 'resolve'] }, target)
  }
  t.end()
})
