/** A DNS server on loopback that gives scripted answers, one after the other; the last one stays. */
import { createSocket } from 'node:dgram'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'

export interface DnsServer {
  /** `127.0.0.1:port`. */
  readonly address: string
  /** Names that were asked for their IPv4 addresses. */
  readonly asked: readonly string[]
  /** The most names whose questions waited for an answer at the same time. */
  mostAtOnce(): number
  close(): void
}

/** As startDnsServer; the server ends with the test. */
export async function dnsServer(t: Test, names: DnsNames, delayMs = 0): Promise<DnsServer> {
  const server = await startDnsServer(names, delayMs)
  t.teardown(() => server.close())
  return server
}

/** IPv4 addresses of each answer, by name; other names do not exist. */
export type DnsNames = Readonly<Record<string, readonly (readonly string[])[]>>

/** @param delayMs - how long each answer takes */
export async function startDnsServer(names: DnsNames, delayMs = 0): Promise<DnsServer> {
  const asked: string[] = []
  const waiting: string[] = []
  let most = 0
  let closed = false
  const socket = createSocket('udp4')
  socket.on('message', (query, { port, address }) => {
    const labels: string[] = []
    let at = 12
    for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
      labels.push(query.toString('latin1', at + 1, at + 1 + length))
      at += 1 + length
    }
    const name = labels.join('.').toLowerCase()
    const isIPv4 = query.readUInt16BE(at + 1) === 1
    const answers = names[name]
    if (isIPv4) asked.push(name)
    waiting.push(name)
    most = Math.max(most, new Set(waiting).size)
    const count = asked.filter((one) => one === name).length
    const found = isIPv4 ? (answers?.[Math.min(count, answers.length) - 1] ?? []) : []
    const head = Buffer.from(query.subarray(0, 12))
    head.writeUInt16BE(answers === undefined ? 0x8183 : 0x8180, 2) // NXDOMAIN, or an answer
    head.writeUInt16BE(found.length, 6)
    head.writeUInt32BE(0, 8)
    const records = found.map((text) => {
      const record = Buffer.from('c00c00010001000000000004', 'hex') // the name asked for, A, IN, no time to live, 4 bytes
      return Buffer.concat([record, Buffer.from(text.split('.').map(Number))])
    })
    const answer = Buffer.concat([head, query.subarray(12, at + 5), ...records])
    setTimeout(() => {
      waiting.splice(waiting.indexOf(name), 1)
      if (!closed) socket.send(answer, port, address)
    }, delayMs)
  })
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  return {
    address: `127.0.0.1:${(socket.address() as AddressInfo).port}`,
    asked,
    mostAtOnce: () => most,
    close() {
      closed = true
      socket.close()
    },
  }
}
