/** `GET|POST /{index}/_search`: `?q=` or a query in the body, answered as OpenSearch shapes it. */
import type { FastifyInstance } from 'fastify'
import type { AppParts } from '../app.js'
import { parseSearch } from '../query.js'

type SearchRoute = {
  readonly Params: { readonly index: string }
  readonly Querystring: { readonly [name: string]: string }
  readonly Body: unknown
}

export function routeSearch(app: FastifyInstance, { store }: AppParts): void {
  app.route<SearchRoute>({
    method: ['GET', 'POST'],
    url: '/:index/_search',
    handler: ({ params: { index }, query, body }) => {
      const startedAt = performance.now()
      const request = parseSearch(query, body)
      const hits = store.get(index).search(request.query)
      return {
        took: Math.round(performance.now() - startedAt),
        timed_out: false,
        _shards: { total: 1, successful: 1, skipped: 0, failed: 0 },
        hits: {
          total: { value: hits.length, relation: 'eq' },
          max_score: hits[0]?.score ?? null,
          hits: hits.slice(request.from, request.from + request.size).map(({ id, score, source }) => ({
            _index: index,
            _id: id,
            _score: Number(score.toFixed(4)),
            _source: source,
          })),
        },
      }
    },
  })
}
