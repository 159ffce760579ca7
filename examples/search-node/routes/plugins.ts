/**
 * `/_plugins/*`: handed to the plugin that owns the path. Status, headers and body come
 * back as the plugin gave them, except headers that belong to this connection.
 */
import { validateHeaderName, validateHeaderValue } from 'node:http'
import { Readable } from 'node:stream'
import type { RestBody } from 'bulkhead/plugin'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { AppParts } from '../app.js'
import { HttpError } from '../http-error.js'

/** RFC 9110 section 7.6.1: these speak of one connection; the length is counted anew. */
const CONNECTION_HEADERS = [
  'connection',
  'content-length',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]

export function routePlugins(app: FastifyInstance, { plugins }: AppParts): void {
  // A scope of its own: what a body means is the plugin's business, so other types stay bytes.
  void app.register(async (scope) => {
    scope.addContentTypeParser(/^text\//, { parseAs: 'string' }, (_request, text, done) => {
      done(null, text)
    })
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, bytes: Buffer, done) => {
      done(null, new Uint8Array(bytes))
    })
    scope.all('/_plugins/*', async (request, reply) => {
      const gone = new AbortController()
      reply.raw.once('close', () => gone.abort()) // a client that left needs no answer
      const { status, headers, body } = await plugins.rest(
        {
          method: request.method,
          path: decodeURIComponent(new URL(request.url, 'http://node').pathname),
          query: queryOf(request),
          headers: headersOf(request),
          body: (request.body ?? null) as RestBody,
        },
        { signal: gone.signal },
      )
      void reply.code(status)
      setHeaders(reply, headers)
      return send(reply, body)
    })
  })
}

/** @throws HttpError 502 for a header that would not be one line of the response */
function setHeaders(reply: FastifyReply, headers: { readonly [name: string]: string }): void {
  for (const [name, value] of Object.entries(headers)) {
    if (CONNECTION_HEADERS.includes(name.toLowerCase())) continue
    try {
      validateHeaderName(name)
      validateHeaderValue(name, value)
    } catch {
      throw new HttpError(
        502,
        'reply_invalid',
        `the plugin gave a header [${JSON.stringify(name)}] that HTTP cannot carry`,
      )
    }
    void reply.header(name, value)
  }
}

/** A body keeps its kind: bytes and streams as they are, text as text, everything else as JSON. */
function send(reply: FastifyReply, body: RestBody): FastifyReply {
  if (body === null) return reply.send('')
  if (body instanceof Uint8Array)
    return reply.send(Buffer.from(body.buffer, body.byteOffset, body.byteLength))
  if (isStream(body)) return reply.send(Readable.from(body, { objectMode: false }))
  if (typeof body === 'string') {
    if (!reply.hasHeader('content-type')) void reply.type('text/plain; charset=utf-8')
    return reply.send(body)
  }
  if (!reply.hasHeader('content-type')) void reply.type('application/json; charset=utf-8')
  return reply.serializer(JSON.stringify).send(body)
}

function isStream(body: RestBody): body is AsyncIterable<Uint8Array> {
  return typeof body === 'object' && body !== null && Symbol.asyncIterator in body
}

function queryOf(request: FastifyRequest): { readonly [name: string]: string } {
  return Object.fromEntries(new URL(request.url, 'http://node').searchParams)
}

/** One text a name; credentials are the node's, no plugin sees them. */
function headersOf(request: FastifyRequest): { readonly [name: string]: string } {
  return Object.fromEntries(
    Object.entries(request.headers).flatMap(([name, value]) => {
      if (value === undefined || ['authorization', 'cookie', 'proxy-authorization'].includes(name)) return []
      return [[name, Array.isArray(value) ? value.join(', ') : value] as const]
    }),
  )
}
