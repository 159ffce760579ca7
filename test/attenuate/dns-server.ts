/** A DNS server on loopback that knows a few names under `test`, and remembers what it was asked. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'

export interface DnsServer {
  readonly port: number
  /** `A a.test` for each question that came, in order. */
  readonly asked: string[]
}

const TYPES: Readonly<Record<string, number>> = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  NAPTR: 35,
  TLSA: 52,
  ANY: 255,
  CAA: 257,
}
const TTL = 60

const name = (text: string): Buffer =>
  Buffer.concat([
    ...text.split('.').map((label) => Buffer.concat([Buffer.of(label.length), Buffer.from(label)])),
    Buffer.of(0),
  ])
const word = (value: number): Buffer => Buffer.of(value >> 8, value & 255)
const long = (value: number): Buffer => Buffer.concat([word(value >>> 16), word(value & 65_535)])
const text = (value: string): Buffer => Buffer.concat([Buffer.of(value.length), Buffer.from(value)])
const v4 = (address: string): Buffer => Buffer.from(address.split('.').map(Number))
const v6 = (...groups: readonly number[]): Buffer => Buffer.concat(groups.map(word))

type Rows = Readonly<Record<string, readonly (readonly [string, Buffer])[]>>

/** Records by name: each a type and what it says. */
const ZONE: Rows = {
  'a.test': [
    ['A', v4('93.184.216.34')],
    ['AAAA', v6(0x26_06, 0x28_00, 0x2_20, 1, 0x2_48, 0x18_93, 0x25_c8, 0x19_46)],
    ['CAA', Buffer.concat([Buffer.of(0), text('issue'), Buffer.from('ca.test')])],
    ['MX', Buffer.concat([word(10), name('mail.test')])],
    ['NAPTR', Buffer.concat([word(1), word(2), text('S'), text('SIP'), text(''), name('sip.test')])],
    ['NS', name('ns.test')],
    [
      'SOA',
      Buffer.concat([
        name('ns.test'),
        name('root.test'),
        long(7),
        long(900),
        long(901),
        long(1800),
        long(60),
      ]),
    ],
    ['SRV', Buffer.concat([word(1), word(5), word(443), name('b.test')])],
    ['TLSA', Buffer.from([3, 1, 1, 0xab, 0xcd])],
    ['TXT', Buffer.concat([text('v=1'), text('more')])],
  ],
  'www.a.test': [['CNAME', name('a.test')]],
  '_db._tcp.a.test': [['SRV', Buffer.concat([word(0), word(0), word(5432), name('a.test')])]],
  'inner.a.test': [
    ['A', v4('10.1.2.3')],
    ['AAAA', v6(0xfd_00, 0, 0, 0, 0, 0, 0, 1)],
  ],
  'mixed.a.test': [
    ['A', v4('93.184.216.34')],
    ['A', v4('10.1.2.3')],
    ['A', v4('10.9.9.9')],
    ['A', v4('127.0.0.1')],
    ['A', v4('169.254.169.254')],
  ],
  'xn--bcher-kva.a.test': [['A', v4('93.184.216.34')]],
  '3.2.1.10.in-addr.arpa': [['PTR', name('printer.inner.example')]],
  '9.9.9.10.in-addr.arpa': [['PTR', name('secret.inner.example')]],
}

/** Never answered. */
const SILENT = 'silent.a.test'

export async function startDnsServer(t: Test): Promise<DnsServer> {
  const socket = createSocket('udp4')
  const asked: string[] = []
  socket.on('message', (question, { port, address }) => {
    const labels: string[] = []
    let at = 12
    for (let length = question[at] ?? 0; length > 0; length = question[at] ?? 0) {
      labels.push(question.toString('latin1', at + 1, at + 1 + length))
      at += length + 1
    }
    const end = at + 5
    const type = question.readUInt16BE(at + 1)
    const host = labels.join('.').toLowerCase()
    asked.push(`${Object.keys(TYPES).find((key) => TYPES[key] === type) ?? type} ${host}`)
    if (host === SILENT) return
    const known = ZONE[host]
    const records = (known ?? []).filter(
      ([kind]) => type === TYPES['ANY'] || TYPES[kind] === type || kind === 'CNAME',
    )
    const header = Buffer.concat([
      question.subarray(0, 2),
      word(known === undefined ? 0x81_83 : 0x81_80),
      word(1),
      word(records.length),
      word(0),
      word(0),
    ])
    const answers = records.map(([kind, data]) =>
      Buffer.concat([word(0xc0_0c), word(TYPES[kind] ?? 0), word(1), long(TTL), word(data.length), data]),
    )
    socket.send(Buffer.concat([header, question.subarray(12, end), ...answers]), port, address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  t.teardown(() => socket.close())
  return { port: (socket.address() as AddressInfo).port, asked }
}
