// Rules for the network cover exactly the hosts and ports of a SocketPermission, or fewer and say so.
import t from 'tap'
import { check, SOCKET } from './translate-support.js'

check(t, {
  'a name is the same name in lower case': {
    lines: [[SOCKET, 'API.example.org:443', 'connect,resolve']],
    outcome: 'mapped',
    rules: ['net.connect api.example.org:443'],
  },
  'no port is any port': {
    lines: [[SOCKET, 'my_host', 'connect']],
    outcome: 'mapped',
    rules: ['net.connect my_host:1-65535'],
  },
  'a range open above': {
    lines: [[SOCKET, 'a.test:1024-', 'connect']],
    outcome: 'mapped',
    rules: ['net.connect a.test:1024-65535'],
  },
  'a range open below starts at 1': {
    lines: [[SOCKET, 'a.test:-80', 'connect']],
    outcome: 'mapped',
    rules: ['net.connect a.test:1-80'],
  },
  'a range that ends where no port is': {
    lines: [[SOCKET, 'a.test:65000-70000', 'connect']],
    outcome: 'mapped',
    rules: ['net.connect a.test:65000-65535'],
  },
  'no connection goes to port 0': { lines: [[SOCKET, 'a.test:0', 'connect']], outcome: 'refused', rules: [] },
  'no connection goes above the last port': {
    lines: [[SOCKET, 'a.test:70000', 'connect']],
    outcome: 'refused',
    rules: [],
  },
  'a domain is every name below it and not itself': {
    lines: [[SOCKET, '*.Example.com:443', 'connect']],
    outcome: 'mapped',
    rules: ['net.connect *.**.example.com:443'],
  },
  'any host is any name and any public address, and says so': {
    lines: [[SOCKET, '*', 'connect,resolve']],
    outcome: 'mapped',
    needsPerson: true,
    rules: ['net.connect **:1-65535', 'net.connect 0.0.0.0/0:1-65535', 'net.connect [::/0]:1-65535'],
    reason: /private/,
  },
  'addresses in short and odd spellings are written out': {
    lines: [
      [SOCKET, '127.1:80', 'connect'],
      [SOCKET, '[2001:DB8:0:0:0:0:0:1]:80', 'connect'],
      [SOCKET, '::1:2:3:4:5:6:7:80', 'connect'],
      [SOCKET, '[::ffff:10.0.0.1]', 'connect'],
    ],
    outcome: 'mapped',
    rules: [
      'net.connect localhost:80',
      'net.connect 127.0.0.1:80',
      'net.connect [2001:db8::1]:80',
      'net.connect 10.0.0.1:1-65535',
    ],
  },
  'localhost and 127.0.0.1 are one host': {
    lines: [
      [SOCKET, 'LocalHost:9600', 'connect,resolve'],
      [SOCKET, '127.0.0.1:80', 'connect'],
    ],
    outcome: 'mapped',
    rules: [
      'net.connect localhost:9600',
      'net.connect 127.0.0.1:9600',
      'net.connect localhost:80',
      'net.connect 127.0.0.1:80',
    ],
  },
  'the empty host is localhost': {
    lines: [[SOCKET, '', 'connect']],
    outcome: 'mapped',
    rules: ['net.connect localhost:1-65535', 'net.connect 127.0.0.1:1-65535'],
  },
  'a port without a host is refused': {
    lines: [[SOCKET, ':80', 'connect']],
    outcome: 'refused',
    needsPerson: true,
    rules: [],
  },
  'international names are refused': {
    lines: [[SOCKET, 'bücher.example:443', 'connect']],
    outcome: 'refused',
    needsPerson: true,
    rules: [],
    reason: /no host name has/,
  },
  'letters that become ASCII when lowered are refused': {
    lines: [[SOCKET, '\u{212a}.example:443', 'connect']],
    outcome: 'refused',
    needsPerson: true,
    rules: [],
  },
  'looking up needs no rule': { lines: [[SOCKET, '*', 'resolve']], outcome: 'no-counterpart', rules: [] },
  'accepting needs no rule': { lines: [[SOCKET, '*', 'accept']], outcome: 'no-counterpart', rules: [] },
  'accepting needs no rule beside connecting': {
    lines: [[SOCKET, 'a.test:443', 'accept,connect']],
    outcome: 'mapped',
    rules: ['net.connect a.test:443'],
    reason: /^Granted exactly; .* accepting needs no rule\.$/,
  },
  'listening without accepting is not net.listen': {
    lines: [[SOCKET, 'localhost:0', 'listen,resolve']],
    outcome: 'refused',
    needsPerson: true,
    rules: [],
    suggestion: 'net.listen "127.0.0.1:0"',
  },
  'listening on localhost lets in what localhost may be accepted from': {
    lines: [[SOCKET, 'localhost', 'accept,listen']],
    outcome: 'mapped',
    rules: ['net.listen localhost:0-65535', 'net.listen 127.0.0.1:0-65535'],
  },
  'accepting may stand on another line': {
    lines: [
      [SOCKET, 'localhost:9600', 'listen'],
      [SOCKET, '127.0.0.1', 'accept'],
    ],
    outcome: 'mapped',
    rules: ['net.listen localhost:9600', 'net.listen 127.0.0.1:9600'],
  },
  'IPv6 loopback has peers of its own': {
    lines: [
      [SOCKET, 'localhost:9600', 'listen'],
      [SOCKET, '[::1]', 'accept'],
    ],
    outcome: 'mapped',
    rules: ['net.listen [::1]:9600'],
  },
  'peers from elsewhere need an address that a person names': {
    lines: [
      [SOCKET, 'localhost:9600', 'listen,accept'],
      [SOCKET, '127.0.0.1', 'accept'],
      [SOCKET, '*.example.org', 'accept'],
    ],
    outcome: 'mapped',
    needsPerson: true,
    rules: ['net.listen localhost:9600', 'net.listen 127.0.0.1:9600'],
    suggestion: 'the address to listen on, like net.listen "192.0.2.1:9600"',
  },
  'a peer has any port, so accepting some ports is not enough': {
    lines: [
      [SOCKET, 'localhost:9600', 'listen'],
      [SOCKET, '127.0.0.1:1024-', 'accept'],
    ],
    outcome: 'refused',
    needsPerson: true,
    rules: [],
  },
  'listening anywhere on one port lets in no peer of another': {
    lines: [[SOCKET, '*:9600', 'listen,accept,connect']],
    outcome: 'mapped',
    needsPerson: true,
    rules: ['net.connect **:9600', 'net.connect 0.0.0.0/0:9600', 'net.connect [::/0]:9600'],
  },
  'listening anywhere with any peer': {
    lines: [[SOCKET, '*', 'listen,accept']],
    outcome: 'mapped',
    needsPerson: true,
    rules: ['net.listen localhost:0-65535', 'net.listen 127.0.0.1:0-65535', 'net.listen [::1]:0-65535'],
  },
  'listening on another host means nothing in Java': {
    lines: [[SOCKET, 'example.com:80', 'listen,accept']],
    outcome: 'no-counterpart',
    rules: [],
  },
})
