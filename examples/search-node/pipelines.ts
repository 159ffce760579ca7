/**
 * Ingest pipelines: a named list of processors, each owned by a plugin. A pipeline is
 * checked when it is put, by running it over no documents; a document goes through all
 * processors before it is indexed.
 */
import type { Json } from 'bulkhead/plugin'
import { isSource, type Source } from './fields.js'
import { HttpError, badRequest } from './http-error.js'
import type { PluginHost } from './plugin-host.js'

export interface Processor {
  readonly type: string
  readonly config: { readonly [key: string]: Json }
  /** The document goes on unchanged when the processor or its plugin fails. */
  readonly ignoreFailure: boolean
}

export interface Pipeline {
  readonly description: string
  readonly processors: readonly Processor[]
}

export interface Pipelines {
  get(id: string): Pipeline | undefined
  /** @throws HttpError 400 when the body is no pipeline or a processor refuses its options */
  put(id: string, body: unknown): Promise<void>
  /** Gives the document to index; `null` when a processor drops it. */
  run(id: string, source: Source): Promise<Source | null>
}

/** How long one processor may take over one document, in ms. */
const DEADLINE_MS = 2000

export function makePipelines(plugins: Pick<PluginHost, 'ingest'>): Pipelines {
  const pipelines = new Map<string, Pipeline>()
  const apply = async (
    { type, config }: Processor,
    documents: readonly Source[],
  ): Promise<readonly (Source | null)[]> =>
    plugins.ingest(type, config, documents, { deadlineMs: DEADLINE_MS })

  return {
    get: (id) => pipelines.get(id),
    async put(id, body) {
      const pipeline = parsePipeline(body)
      for (const processor of pipeline.processors) {
        await apply(processor, []).catch((error: unknown) => {
          throw badRequest(`processor [${processor.type}] of pipeline [${id}]: ${messageOf(error)}`)
        })
      }
      pipelines.set(id, pipeline)
    },
    async run(id, source) {
      const pipeline = pipelines.get(id)
      if (pipeline === undefined) throw badRequest(`pipeline with id [${id}] does not exist`)
      let current = source
      for (const processor of pipeline.processors) {
        try {
          const [next] = await apply(processor, [current])
          if (next === null || next === undefined) return null
          current = next
        } catch (error) {
          if (!processor.ignoreFailure) throw error
        }
      }
      return current
    },
  }
}

/** `{ description?, processors: [{ type: options }] }`, as OpenSearch writes it. */
function parsePipeline(body: unknown): Pipeline {
  if (!isSource(body)) throw invalid('the pipeline must be a JSON object')
  const { description = '', processors } = body
  if (typeof description !== 'string') throw invalid('[description] must be a text')
  if (!Array.isArray(processors) || processors.length === 0) {
    throw invalid('[processors] must be a list such as [{ "user_agent": { "field": "agent" } }]')
  }
  return {
    description,
    processors: processors.map((entry: unknown, position) => {
      const [type, ...others] = isSource(entry) ? Object.keys(entry) : []
      if (!isSource(entry) || type === undefined || others.length > 0) {
        throw invalid(`[processors][${position}] must be an object with the processor's type as its only key`)
      }
      const options = entry[type]
      if (!isSource(options)) throw invalid(`[processors][${position}][${type}] must be a JSON object`)
      const { ignore_failure: ignoreFailure = false, ...config } = options
      if (typeof ignoreFailure !== 'boolean') {
        throw invalid(`[processors][${position}][${type}][ignore_failure] must be true or false`)
      }
      return { type, config, ignoreFailure }
    }),
  }
}

function invalid(reason: string): HttpError {
  return new HttpError(400, 'parse_exception', reason)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
