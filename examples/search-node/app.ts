/**
 * The node's HTTP face: OpenSearch-shaped routes over the index store, the cluster
 * state, the pipelines and the plugins, all handed in. Starts nothing and holds no state.
 */
import fastify, { type FastifyInstance, type FastifyReply } from 'fastify'
import type { Cluster } from './cluster.js'
import { errorReply, HttpError } from './http-error.js'
import type { IndexStore } from './index-store.js'
import type { Pipelines } from './pipelines.js'
import type { PluginHost } from './plugin-host.js'
import { routeBulk } from './routes/bulk.js'
import { routeCat } from './routes/cat.js'
import { routeCluster } from './routes/cluster.js'
import { routeDocuments } from './routes/documents.js'
import { routeIndices } from './routes/indices.js'
import { routeIngest } from './routes/ingest.js'
import { routePlugins } from './routes/plugins.js'
import { routeSearch } from './routes/search.js'

export interface AppParts {
  readonly store: IndexStore
  readonly cluster: Cluster
  readonly pipelines: Pipelines
  readonly plugins: PluginHost
  readonly nodeVersion: string
}

/** Largest request body in bytes. */
const BODY_LIMIT = 10_485_760
/** Room for the longest index name and document id, percent-encoded. */
const MAX_PARAMETER_CHARACTERS = 2048

export function makeApp(parts: AppParts): FastifyInstance {
  const app = fastify({
    bodyLimit: BODY_LIMIT,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: MAX_PARAMETER_CHARACTERS },
    frameworkErrors: (error, _request, reply) => {
      void answerError(error, reply)
    },
  })
  app.addHttpMethod('GET', { hasBody: true, overrideExisting: true }) // a search may send its query as the body of a GET
  app.setErrorHandler((error, _request, reply) => answerError(error, reply))
  app.setNotFoundHandler((request) => {
    throw new HttpError(
      404,
      'no_handler_found',
      `no handler for ${request.method} ${request.url}; GET / lists some`,
    )
  })
  routeCluster(app, parts)
  routeCat(app, parts)
  routeIngest(app, parts)
  routePlugins(app, parts)
  routeIndices(app, parts)
  routeDocuments(app, parts)
  routeBulk(app, parts)
  routeSearch(app, parts)
  return app
}

function answerError(error: unknown, reply: FastifyReply): FastifyReply {
  const { status, body } = errorReply(error)
  return reply.code(status).type('application/json; charset=utf-8').send(body)
}
