/** `PUT|GET|HEAD|DELETE /{index}` and `PUT|GET /{index}/_mapping`. */
import type { FastifyInstance } from 'fastify'
import type { AppParts } from '../app.js'
import { isSource, type Source } from '../fields.js'
import { badRequest, indexNotFound } from '../http-error.js'

type IndexRoute = { readonly Params: { readonly index: string }; readonly Body: unknown }

export function routeIndices(app: FastifyInstance, { cluster, store }: AppParts): void {
  app.put<IndexRoute>('/:index', ({ params: { index }, body }) => {
    const { settings, mappings } = objectsOf(body, ['settings', 'mappings', 'aliases'])
    store.create(index, settings ?? {}, objectsOf(mappings, ['properties'])['properties'] ?? {})
    return { acknowledged: true, shards_acknowledged: true, index }
  })

  app.get<IndexRoute>('/:index', ({ params: { index } }) => {
    const metadata = cluster.index(index)
    if (metadata === undefined) throw indexNotFound(index)
    const { aliases, mappings, settings } = metadata
    return { [index]: { aliases, mappings, settings } }
  })

  app.delete<IndexRoute>('/:index', ({ params: { index } }) => {
    store.remove(index)
    return { acknowledged: true }
  })

  app.put<IndexRoute>('/:index/_mapping', ({ params: { index }, body }) => {
    store.putMapping(index, objectsOf(body, ['properties'])['properties'] ?? {})
    return { acknowledged: true }
  })

  app.get<IndexRoute>('/:index/_mapping', ({ params: { index } }) => {
    const metadata = cluster.index(index)
    if (metadata === undefined) throw indexNotFound(index)
    return { [index]: { mappings: metadata.mappings } }
  })
}

/** The parts of a body, each a JSON object or left out; an unknown part is refused by name. */
function objectsOf(body: unknown, known: readonly string[]): { readonly [part: string]: Source } {
  if (body === undefined || body === null) return {}
  if (!isSource(body)) throw badRequest('the body must be a JSON object')
  return Object.fromEntries(
    Object.entries(body).map(([part, value]) => {
      if (!known.includes(part)) throw badRequest(`unknown key [${part}]; known are ${known.join(', ')}`)
      if (!isSource(value)) throw badRequest(`[${part}] must be a JSON object`)
      return [part, value]
    }),
  )
}
