// docs/protocol.md says what the code does: its frame is what the writer writes, its tables hold the code's numbers.
import { readFileSync } from 'node:fs'
import t from 'tap'
import { FRAME_KIND, PROTOCOL_VERSION } from '../../lib/protocol/frame-kind.js'
import {
  CHUNK_BYTES,
  DEFAULT_WIRE_LIMITS,
  MAX_METHOD_BYTES,
  MAX_SECTIONS,
  MIN_FRAME_BYTES,
} from '../../lib/protocol/limits.js'
import { MAX_ERROR_TEXT, MAX_STACK_TEXT } from '../../lib/protocol/wire-error.js'
import { HEADER_BYTES, makeFrameReader, makeFrameWriter } from '../../lib/rpc/frame.js'
import { parseHello } from '../../lib/rpc/hello.js'

const text = readFileSync(new URL('../../../docs/protocol.md', import.meta.url), 'utf8')

/** The cells of each row of the table that follows a heading. */
function tableUnder(heading: string): string[][] {
  const section = text.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? ''
  return section
    .split('\n')
    .filter((line) => line.startsWith('|') && !line.startsWith('|---'))
    .slice(1)
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
}

t.test('the frame on the page is what the writer makes and the reader reads', async (t) => {
  const hex = /```hex\n([^`]+)```/.exec(text)?.[1] ?? ''
  const onPage = Buffer.from(hex.replace(/\s/g, ''), 'hex')
  const writer = makeFrameWriter(1)
  const body = '{"route":0}'
  const frame = {
    kind: FRAME_KIND.call,
    id: 0,
    aux: 5000,
    method: 'rest',
    body,
    sections: [Buffer.from('hi')],
  }
  t.equal(writer.add(frame, MIN_FRAME_BYTES), onPage.length)
  t.equal(Buffer.concat(writer.take()).toString('hex'), onPage.toString('hex'))
  const read: unknown[] = []
  makeFrameReader(1, MIN_FRAME_BYTES).push(onPage, (found) => read.push(found))
  t.same(read, [{ ...frame, generation: 1, body: Buffer.from(body), sections: [Buffer.from('hi')] }])
})

t.test('the table of kinds is the code’s', async (t) => {
  const onPage = tableUnder('Kinds').map(([number, name]) => [name, Number(number)])
  t.same(onPage, Object.entries(FRAME_KIND))
})

t.test('the table of windows gives the least and the most that a hello may say', async (t) => {
  const rows = tableUnder('Handshake')
  const windows = DEFAULT_WIRE_LIMITS
  t.equal(rows.length, Object.keys(parseHello({ windows }).windows).length)
  for (const [name, least, most] of rows) {
    const key = (name ?? '').replaceAll('`', '')
    for (const [value, fine] of [
      [Number(least), true],
      [Number(least) - 1, false],
      [Number(most), true],
      [Number(most) + 1, false],
    ] as const) {
      const hello = { windows: { ...windows, [key]: value } }
      if (fine) t.equal(Reflect.get(parseHello(hello).windows, key), value)
      else t.throws(() => parseHello(hello), { code: 'PROTOCOL_VIOLATION', detail: { rule: 'hello', key } })
    }
  }
})

t.test('numbers in the sentences are the code’s', async (t) => {
  const limits = new Map(
    tableUnder('Limits and who decides them').map(([name, toNode = '']) => [
      name,
      Number.parseInt(toNode, 10),
    ]),
  )
  t.equal(limits.get('notices not handled'), DEFAULT_WIRE_LIMITS.noticeWindow)
  t.equal(limits.get('streams open'), DEFAULT_WIRE_LIMITS.maxStreams)
  t.equal(limits.get('chunks of a stream ahead'), DEFAULT_WIRE_LIMITS.streamWindow)
  for (const sentence of [
    `version, ${PROTOCOL_VERSION} `,
    `follow this field; ${HEADER_BYTES - 4} at least`,
    `number of sections, ${MAX_SECTIONS} at most`,
    `bytes of the method name, ${MAX_METHOD_BYTES} at most`,
    `A chunk has ${CHUNK_BYTES} bytes at most.`,
    `cut at ${MAX_ERROR_TEXT} characters, a stack at ${MAX_STACK_TEXT}`,
  ]) {
    t.ok(text.includes(sentence), sentence)
  }
})
