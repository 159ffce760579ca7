// The parser takes messages however they are cut, and refuses what two readers could read in two ways.
import fc from 'fast-check'
import { once } from 'node:events'
import http from 'node:http'
import net, { type AddressInfo } from 'node:net'
import t from 'tap'
import { ParseError } from '../../workers/builtins/http/errors.js'
import type { Head } from '../../workers/builtins/http/head.js'
import { Parser, type HeadVerdict } from '../../workers/builtins/http/parser.js'

type Kind = 'request' | 'response'

/** What a parser tells, bodies joined; an error as the last entry. */
function told(
  kind: Kind,
  pieces: readonly Uint8Array[],
  { end = true, maxHeaderSize = 16_384, verdict = 'body' as HeadVerdict } = {},
): readonly unknown[] {
  const seen: unknown[] = []
  let body: number[] = []
  const parser = new Parser({
    kind,
    maxHeaderSize,
    maxHeadersCount: 1000,
    events: {
      head: (head: Head) => {
        seen.push(head)
        return verdict
      },
      body: (bytes) => {
        for (const byte of bytes) body.push(byte)
      },
      complete: (rawTrailers) => {
        seen.push([Buffer.from(body).toString('latin1'), rawTrailers])
        body = []
      },
    },
  })
  try {
    for (const piece of pieces) parser.execute(piece)
    if (end) parser.finish()
  } catch (error) {
    if (!(error instanceof ParseError)) throw error
    seen.push(error.code)
  }
  return seen
}

const GOOD: Readonly<Record<string, readonly [Kind, string]>> = {
  'a request': ['request', 'GET /a?b=c HTTP/1.1\r\nHost: h\r\nX-Empty:\r\nX-Pad: \t v \t\r\n\r\n'],
  'requests behind each other': [
    'request',
    'POST /1 HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello\r\nGET /2 HTTP/1.1\r\n\r\nPUT /3 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0a\r\n0123456789\r\n0\r\nX-T: 1\r\n\r\nGET /4 HTTP/1.1\r\nConnection: close\r\n\r\n',
  ],
  'a response with a length': ['response', 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc'],
  'a response in chunks': [
    'response',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n1\r\na\r\n0\r\n\r\n',
  ],
  'a response until the end': ['response', 'HTTP/1.0 200 \r\n\r\nall of it\r\n\r\n'],
  'informational responses': [
    'response',
    'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103\r\nA: b\r\n\r\nHTTP/1.1 204 X\r\n\r\n',
  ],
  'a Latin-1 value': ['response', 'HTTP/1.1 200 caf\xe9\r\nX: \xfc\r\nContent-Length: 0\r\n\r\n'],
}

t.test('a message says the same however it is cut', async (t) => {
  for (const [name, [kind, text]] of Object.entries(GOOD)) {
    const bytes = Buffer.from(text, 'latin1')
    const whole = told(kind, [bytes])
    t.notMatch(String(whole.at(-1)), /^HPE/, name)
    for (let at = 0; at <= bytes.length; at++) {
      const cut = told(kind, [bytes.subarray(0, at), bytes.subarray(at)])
      if (JSON.stringify(cut) !== JSON.stringify(whole)) t.same(cut, whole, `${name}, cut at ${at}`)
    }
    t.same(
      told(
        kind,
        Array.from(bytes, (byte) => Uint8Array.of(byte)),
      ),
      whole,
      `${name}, byte by byte`,
    )
  }
})

t.test('any bytes end in messages or in an error, the same however they are cut', async (t) => {
  const line = fc.oneof(
    fc.constantFrom(
      'GET / HTTP/1.1',
      'HTTP/1.1 200 OK',
      'Content-Length: 3',
      'Transfer-Encoding: chunked',
      '',
      '3',
      '0',
      'abc',
      'Connection: close',
      'a: b',
      ' folded',
      'a : b',
      '-1',
      '3;x',
      'FFFFFFFFFFFFFF',
      'HTTP/1.1 304 X',
      'Upgrade: x',
    ),
    fc.string({ maxLength: 12 }),
  )
  const stream = fc.array(fc.tuple(line, fc.constantFrom('\r\n', '\r\n', '\r\n', '\n', '\r', '')), {
    maxLength: 12,
  })
  fc.assert(
    fc.property(
      fc.constantFrom<Kind>('request', 'response'),
      stream,
      fc.array(fc.nat(100)),
      (kind, lines, cuts) => {
        const bytes = Buffer.from(lines.map(([text, end]) => text + end).join(''), 'latin1')
        const pieces = []
        let from = 0
        for (const at of cuts.toSorted((a, b) => a - b))
          pieces.push(bytes.subarray(from, (from = Math.max(from, Math.min(at, bytes.length)))))
        pieces.push(bytes.subarray(from))
        return JSON.stringify(told(kind, pieces)) === JSON.stringify(told(kind, [bytes]))
      },
    ),
    { numRuns: 3000 },
  )
  t.pass('3000 of them')
})

const POST = 'POST / HTTP/1.1\r\nHost: h\r\n'
const GET = 'GET / HTTP/1.1\r\nHost: h\r\n'

/** Requests that are refused, by their code here. Node refuses each too, save where the last text says what it does. */
const BAD: Readonly<Record<string, readonly [code: string, text: string, nodeTakesIt?: string]>> = {
  'both lengths': [
    'HPE_UNEXPECTED_CONTENT_LENGTH',
    `${POST}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  ],
  'both lengths, the other way round': [
    'HPE_UNEXPECTED_CONTENT_LENGTH',
    `${POST}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n`,
  ],
  'two lengths': [
    'HPE_UNEXPECTED_CONTENT_LENGTH',
    `${POST}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!`,
  ],
  'the same length twice': [
    'HPE_UNEXPECTED_CONTENT_LENGTH',
    `${POST}Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello`,
  ],
  'a list of lengths': ['HPE_INVALID_CONTENT_LENGTH', `${POST}Content-Length: 5, 5\r\n\r\nhello`],
  'a length with a sign': ['HPE_INVALID_CONTENT_LENGTH', `${POST}Content-Length: +5\r\n\r\nhello`],
  'a negative length': ['HPE_INVALID_CONTENT_LENGTH', `${POST}Content-Length: -5\r\n\r\nhello`],
  'a length in hex': ['HPE_INVALID_CONTENT_LENGTH', `${POST}Content-Length: 0x5\r\n\r\nhello`],
  'an empty length': ['HPE_INVALID_CONTENT_LENGTH', `${POST}Content-Length:\r\n\r\n`],
  'a length beyond counting': [
    'HPE_INVALID_CONTENT_LENGTH',
    `${POST}Content-Length: 99999999999999999999\r\n\r\n`,
  ],
  'a coding that is not chunked': ['HPE_INVALID_TRANSFER_ENCODING', `${POST}Transfer-Encoding: gzip\r\n\r\n`],
  'chunked in the middle': [
    'HPE_INVALID_TRANSFER_ENCODING',
    `${POST}Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n`,
  ],
  'chunked twice': [
    'HPE_INVALID_TRANSFER_ENCODING',
    `${POST}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  ],
  'chunked behind a no-break space': [
    'HPE_INVALID_TRANSFER_ENCODING',
    `${POST}Transfer-Encoding: \xa0chunked\r\n\r\n0\r\n\r\n`,
  ],
  'nearly chunked': ['HPE_INVALID_TRANSFER_ENCODING', `${POST}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`],
  'chunked in HTTP/1.0': [
    'HPE_INVALID_TRANSFER_ENCODING',
    `POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    'it takes the coding for granted',
  ],
  'a bare LF after a field': ['HPE_CR_EXPECTED', `${GET}A: b\nC: d\r\n\r\n`],
  'a bare LF after the request line': ['HPE_CR_EXPECTED', `GET / HTTP/1.1\nHost: h\r\n\r\n`],
  'a bare LF at the end': ['HPE_CR_EXPECTED', `${GET}\n`],
  'a bare CR in a value': ['HPE_INVALID_HEADER_TOKEN', `${GET}A: b\rC: d\r\n\r\n`],
  'a NUL in a value': ['HPE_INVALID_HEADER_TOKEN', `${GET}A: b\0\r\n\r\n`],
  'a folded line': ['HPE_INVALID_HEADER_TOKEN', `${GET}A: b\r\n c\r\n\r\n`],
  'a folded first line': ['HPE_INVALID_HEADER_TOKEN', `GET / HTTP/1.1\r\n Host: h\r\n\r\n`],
  'a space before the colon': ['HPE_INVALID_HEADER_TOKEN', `${GET}Content-Length : 5\r\n\r\nhello`],
  'no colon': ['HPE_INVALID_HEADER_TOKEN', `${GET}A\r\n\r\n`],
  'no name': ['HPE_INVALID_HEADER_TOKEN', `${GET}: a\r\n\r\n`],
  'a chunk size with a sign': [
    'HPE_INVALID_CHUNK_SIZE',
    `${POST}Transfer-Encoding: chunked\r\n\r\n+5\r\nhello\r\n0\r\n\r\n`,
  ],
  'a chunk size in 0x': [
    'HPE_INVALID_CHUNK_SIZE',
    `${POST}Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n`,
  ],
  'a chunk size with a space': [
    'HPE_INVALID_CHUNK_SIZE',
    `${POST}Transfer-Encoding: chunked\r\n\r\n5 \r\nhello\r\n0\r\n\r\n`,
  ],
  'an empty chunk size': ['HPE_INVALID_CHUNK_SIZE', `${POST}Transfer-Encoding: chunked\r\n\r\n\r\n`],
  'a chunk size beyond counting': [
    'HPE_INVALID_CHUNK_SIZE',
    `${POST}Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n`,
  ],
  'a bare LF after a chunk size': [
    'HPE_CR_EXPECTED',
    `${POST}Transfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n`,
  ],
  'a bare CR in a chunk extension': [
    'HPE_INVALID_CHUNK_SIZE',
    `${POST}Transfer-Encoding: chunked\r\n\r\n5;a\rb\r\nhello\r\n0\r\n\r\n`,
  ],
  'a chunk longer than its size': [
    'HPE_STRICT',
    `${POST}Transfer-Encoding: chunked\r\n\r\n3\r\nhello\r\n0\r\n\r\n`,
  ],
  'a method nobody knows': ['HPE_INVALID_METHOD', `FETCH / HTTP/1.1\r\nHost: h\r\n\r\n`],
  'a method in small letters': ['HPE_INVALID_METHOD', `get / HTTP/1.1\r\nHost: h\r\n\r\n`],
  'a space before the method': ['HPE_INVALID_METHOD', ` GET / HTTP/1.1\r\nHost: h\r\n\r\n`],
  'two spaces in the request line': [
    'HPE_INVALID_URL',
    `GET  / HTTP/1.1\r\nHost: h\r\n\r\n`,
    'it skips spaces',
  ],
  'a target that is none': ['HPE_INVALID_URL', `GET there HTTP/1.1\r\nHost: h\r\n\r\n`],
  'no version': ['HPE_INVALID_CONSTANT', `GET /\r\nHost: h\r\n\r\n`, 'it is HTTP/0.9 to some'],
  'another version': ['HPE_INVALID_VERSION', `GET / HTTP/1.2\r\nHost: h\r\n\r\n`],
  'HTTP/2 in the clear': ['HPE_INVALID_METHOD', `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n`],
  'a version in small letters': ['HPE_INVALID_CONSTANT', `GET / http/1.1\r\nHost: h\r\n\r\n`],
  'something after the version': ['HPE_INVALID_VERSION', `GET / HTTP/1.1 x\r\nHost: h\r\n\r\n`],
  'more after Connection: close': [
    'HPE_CLOSED_CONNECTION',
    `${GET}Connection: close\r\n\r\nGET / HTTP/1.1\r\n\r\n`,
  ],
  'a head too large': ['HPE_HEADER_OVERFLOW', `${GET}A: ${'a'.repeat(17_000)}\r\n\r\n`],
  'many small fields too large': [
    'HPE_HEADER_OVERFLOW',
    `${GET}${'A: b\r\n'.repeat(5000)}\r\n`,
    'it counts names and values alone',
  ],
  'a head without an end': ['HPE_HEADER_OVERFLOW', `${GET}A: ${'a'.repeat(17_000)}`],
  'trailers too large': [
    'HPE_HEADER_OVERFLOW',
    `${POST}Transfer-Encoding: chunked\r\n\r\n0\r\nA: ${'a'.repeat(17_000)}\r\n\r\n`,
  ],
  'chunk extensions too large': [
    'HPE_CHUNK_EXTENSIONS_OVERFLOW',
    `${POST}Transfer-Encoding: chunked\r\n\r\n1;${'a'.repeat(17_000)}\r\na\r\n0\r\n\r\n`,
  ],
  'chunk extensions too large in all': [
    'HPE_CHUNK_EXTENSIONS_OVERFLOW',
    `${POST}Transfer-Encoding: chunked\r\n\r\n${`1;${'a'.repeat(100)}\r\na\r\n`.repeat(200)}0\r\n\r\n`,
    'it counts each chunk alone',
  ],
}

/** Whether Node's own server takes a request as whole and well-formed. */
async function nodeTakes(port: number, text: string): Promise<boolean> {
  const socket = net.connect(port, '127.0.0.1')
  let answer = ''
  socket.on('data', (bytes: Buffer) => (answer += bytes.toString('latin1')))
  socket.on('error', () => undefined)
  socket.end(Buffer.from(text, 'latin1'))
  await once(socket, 'close')
  return answer.startsWith('HTTP/1.1 200') && !/HTTP\/1\.1 4/.test(answer)
}

t.test('what could be read in two ways is refused, by Node too', async (t) => {
  const server = http.createServer((req, res) => {
    req.resume()
    req.on('end', () => void res.end('fine'))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  for (const [name, [code, text]] of Object.entries(BAD)) {
    const bytes = Buffer.from(text, 'latin1')
    t.equal(told('request', [bytes], { end: false }).at(-1), code, name)
    t.equal(
      told(
        'request',
        Array.from(bytes, (byte) => Uint8Array.of(byte)),
        { end: false },
      ).at(-1),
      code,
      `${name}, byte by byte`,
    )
  }
  for (const [name, [kind, text]] of Object.entries(GOOD)) {
    if (kind === 'request')
      t.notMatch(String(told('request', [Buffer.from(text, 'latin1')]).at(-1)), /^HPE/, name)
  }
  for (const [name, [, text, why]] of Object.entries(BAD)) {
    if (why === undefined) t.notOk(await nodeTakes(port, text), `Node: ${name}`)
  }
})

t.test('responses that could be read in two ways are refused', async (t) => {
  const OK = 'HTTP/1.1 200 OK\r\n'
  const bad: Readonly<Record<string, readonly [string, string]>> = {
    'both lengths': [
      'HPE_UNEXPECTED_CONTENT_LENGTH',
      `${OK}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n`,
    ],
    'two lengths': ['HPE_UNEXPECTED_CONTENT_LENGTH', `${OK}Content-Length: 5\r\nContent-Length: 5\r\n\r\n`],
    'chunked twice': ['HPE_INVALID_TRANSFER_ENCODING', `${OK}Transfer-Encoding: chunked, chunked\r\n\r\n`],
    'a status of two digits': ['HPE_INVALID_STATUS', 'HTTP/1.1 20 OK\r\n\r\n'],
    'a status of four digits': ['HPE_INVALID_STATUS', 'HTTP/1.1 2000 OK\r\n\r\n'],
    'a status below 100': ['HPE_INVALID_STATUS', 'HTTP/1.1 099 OK\r\n\r\n'],
    'no status': ['HPE_INVALID_STATUS', 'HTTP/1.1\r\n\r\n'],
    'a control in the reason': ['HPE_INVALID_STATUS', 'HTTP/1.1 200 a\0b\r\n\r\n'],
    'a body cut short': ['HPE_INVALID_EOF_STATE', `${OK}Content-Length: 5\r\n\r\nhel`],
    'chunks cut short': ['HPE_INVALID_EOF_STATE', `${OK}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n`],
    'more than was asked for after close': [
      'HPE_CLOSED_CONNECTION',
      `${OK}Connection: close\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200`,
    ],
  }
  for (const [name, [code, text]] of Object.entries(bad))
    t.equal(told('response', [Buffer.from(text, 'latin1')]).at(-1), code, name)
})

t.test('a body of many chunks is no flood of extensions', async (t) => {
  const text = `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${'1\r\na\r\n'.repeat(100_000)}0\r\n\r\n`
  const [, body] = told('response', [Buffer.from(text)]) as [unknown, readonly [string]]
  t.equal(body[0].length, 100_000)
})

t.test('what follows a head that leads elsewhere is left alone', async (t) => {
  const parser = new Parser({
    kind: 'request',
    maxHeaderSize: 1000,
    maxHeadersCount: 10,
    events: { head: () => 'stop', body: () => t.fail('a body'), complete: () => t.fail('an end') },
  })
  const text = 'GET / HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'
  t.equal(parser.execute(Buffer.from(`${text}other bytes`)), text.length)
})
