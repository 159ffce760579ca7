/** `PUT|GET /_ingest/pipeline/{id}`. Running one is documents.ts's. */
import type { FastifyInstance } from 'fastify'
import type { AppParts } from '../app.js'
import { HttpError } from '../http-error.js'

type PipelineRoute = { readonly Params: { readonly id: string }; readonly Body: unknown }

export function routeIngest(app: FastifyInstance, { pipelines }: AppParts): void {
  app.put<PipelineRoute>('/_ingest/pipeline/:id', async ({ params: { id }, body }) => {
    await pipelines.put(id, body)
    return { acknowledged: true }
  })

  app.get<PipelineRoute>('/_ingest/pipeline/:id', ({ params: { id } }) => {
    const pipeline = pipelines.get(id)
    if (pipeline === undefined) {
      throw new HttpError(404, 'resource_not_found_exception', `pipeline with id [${id}] does not exist`)
    }
    const { description, processors } = pipeline
    return { [id]: { description, processors: processors.map(({ type, config }) => ({ [type]: config })) } }
  })
}
