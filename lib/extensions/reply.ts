/**
 * Checks what comes back from a plugin, whatever it is: registrations after load, a
 * REST response, ingested documents. ajv compiles the schemas once.
 */
import { Ajv, type ValidateFunction } from 'ajv'
import { PluginError } from '../errors.js'
import type { Json } from '../protocol/cluster-state.js'
import type { Registrations, WireRestResponse } from '../protocol/plugin-api.js'
import type { Received } from '../rpc/channel.js'

export interface RestReply {
  readonly status: number
  readonly headers: { readonly [name: string]: string }
  /** JSON, text, bytes, or a stream of bytes that is to be read or cancelled. */
  readonly body: Json | Uint8Array | AsyncIterable<Uint8Array>
}

type Document = { readonly [field: string]: Json }

/** A header value as HTTP allows it (RFC 9110, 5.5): no control characters, so no second header inside one. */
const HEADER_VALUE = '^[\\t\\x20-\\x7e\\x80-\\xff]*$'
const HEADER_NAME = "^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$"

const ajv = new Ajv({ strict: true, allowUnionTypes: true })
const text = { type: 'string', maxLength: 1024 }

const registrations: ValidateFunction<Registrations> = ajv.compile({
  type: 'object',
  required: ['rest', 'ingest', 'clusterStateListener'],
  properties: {
    rest: {
      type: 'array',
      maxItems: 1000,
      items: { type: 'object', required: ['method', 'path'], properties: { method: text, path: text } },
    },
    ingest: { type: 'array', maxItems: 1000, items: { type: 'string', pattern: '^[A-Za-z0-9_.-]{1,64}$' } },
    clusterStateListener: { type: 'boolean' },
  },
})

const restResponse: ValidateFunction<Partial<WireRestResponse> & Pick<WireRestResponse, 'body'>> =
  ajv.compile({
    type: 'object',
    required: ['body'],
    properties: {
      status: { type: 'integer', minimum: 100, maximum: 599 },
      headers: {
        type: 'object',
        propertyNames: { pattern: HEADER_NAME },
        additionalProperties: { type: 'string', pattern: HEADER_VALUE, maxLength: 16_384 },
        maxProperties: 100,
      },
      body: {
        type: 'object',
        required: ['kind'],
        properties: { kind: { enum: ['none', 'json', 'text', 'bytes', 'stream'] } },
      },
    },
  })

const ingested: ValidateFunction<{ readonly documents: readonly (Document | null)[] }> = ajv.compile({
  type: 'object',
  required: ['documents'],
  properties: { documents: { type: 'array', items: { type: ['object', 'null'] } } },
})

/** @throws PluginError `PLUGIN_START_FAILED` */
export function parseRegistrations(value: unknown): Registrations {
  if (registrations(value)) return value
  throw new PluginError('PLUGIN_START_FAILED', {
    message: ajv.errorsText(registrations.errors, { dataVar: 'registrations' }),
  })
}

/** @throws PluginError `REPLY_INVALID` saying which part of the response is wrong */
export function parseRestResponse(plugin: string, received: Received): RestReply {
  const { value } = received
  if (!restResponse(value)) {
    throw invalid(plugin, ajv.errorsText(restResponse.errors, { dataVar: 'response' }), received)
  }
  const { status = 200, headers = {}, body } = value
  cancelStreams(received, body.kind === 'stream' ? 1 : 0)
  switch (body.kind) {
    case 'none':
      return { status, headers, body: null }
    case 'json':
      return { status, headers, body: body.value ?? null }
    case 'text':
      return { status, headers, body: String(body.value) }
    case 'bytes': {
      const bytes = received.sections[0]
      if (bytes === undefined) throw invalid(plugin, 'response/body has no bytes', received)
      return { status, headers, body: Uint8Array.from(bytes) }
    }
    case 'stream': {
      const stream = received.streams[0]
      if (stream === undefined) throw invalid(plugin, 'response/body has no stream', received)
      return { status, headers, body: stream }
    }
  }
}

/** @throws PluginError `REPLY_INVALID` when it is not as many documents as were sent */
export function parseIngested(
  plugin: string,
  received: Received,
  count: number,
): readonly (Document | null)[] {
  const { value } = received
  if (!ingested(value)) {
    throw invalid(plugin, ajv.errorsText(ingested.errors, { dataVar: 'result' }), received)
  }
  if (value.documents.length !== count) {
    throw invalid(
      plugin,
      `the processor took ${count} documents and gave ${value.documents.length}`,
      received,
    )
  }
  cancelStreams(received, 0)
  return value.documents
}

function invalid(plugin: string, message: string, received: Received): PluginError {
  cancelStreams(received, 0)
  return new PluginError('REPLY_INVALID', { plugin, message })
}

/** Streams that nobody will read would keep their place and what they hold. */
function cancelStreams({ streams }: Received, kept: number): void {
  for (const stream of streams.slice(kept)) stream.cancel()
}
