/** `POST /{index}/_doc`, `PUT /{index}/_doc/{id}` (both with `?pipeline=`), `GET /{index}/_doc/{id}`. */
import type { FastifyInstance, FastifyReply } from 'fastify'
import type { AppParts } from '../app.js'
import { isSource } from '../fields.js'
import { HttpError } from '../http-error.js'

type DocumentRoute = {
  readonly Params: { readonly index: string; readonly id?: string }
  readonly Querystring: { readonly pipeline?: string }
  readonly Body: unknown
}

export function routeDocuments(app: FastifyInstance, { store, pipelines }: AppParts): void {
  const write = async (
    { index, id }: DocumentRoute['Params'],
    pipeline: string | undefined,
    body: unknown,
    reply: FastifyReply,
  ): Promise<object> => {
    if (!isSource(body)) throw new HttpError(400, 'parse_exception', 'the document must be a JSON object')
    const source = pipeline === undefined ? body : await pipelines.run(pipeline, body)
    if (source === null) return { _index: index, _id: id ?? null, result: 'noop' }
    const written = store.put(index, source, id)
    void reply.code(written.result === 'created' ? 201 : 200)
    return { _index: index, _id: written.id, result: written.result }
  }

  app.post<DocumentRoute>('/:index/_doc', ({ params, query, body }, reply) =>
    write(params, query.pipeline, body, reply),
  )
  app.put<DocumentRoute>('/:index/_doc/:id', ({ params, query, body }, reply) =>
    write(params, query.pipeline, body, reply),
  )

  app.get<DocumentRoute>('/:index/_doc/:id', ({ params: { index, id = '' } }, reply) => {
    const source = store.get(index).get(id)
    if (source !== undefined) return { _index: index, _id: id, found: true, _source: source }
    void reply.code(404)
    return { _index: index, _id: id, found: false }
  })
}
