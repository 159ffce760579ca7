/** `POST /_bulk`, `POST /{index}/_bulk` (both with `?pipeline=`): lines of `index` actions, each with its document. */
import type { FastifyInstance } from 'fastify'
import type { AppParts } from '../app.js'
import { isSource, type Source } from '../fields.js'
import { badRequest, errorReply } from '../http-error.js'

type BulkRoute = {
  readonly Params: { readonly index?: string }
  readonly Querystring: { readonly pipeline?: string }
  readonly Body: unknown
}

interface Action {
  readonly index: string
  readonly id: string | undefined
  readonly source: Source
}

export function routeBulk(app: FastifyInstance, { store, pipelines }: AppParts): void {
  const write = async ({ index, id, source }: Action, pipeline: string | undefined): Promise<object> => {
    try {
      const final = pipeline === undefined ? source : await pipelines.run(pipeline, source)
      if (final === null) return { _index: index, _id: id ?? null, result: 'noop', status: 200 }
      const written = store.put(index, final, id)
      const status = written.result === 'created' ? 201 : 200
      return { _index: index, _id: written.id, result: written.result, status }
    } catch (error) {
      const { status, body } = errorReply(error)
      return { _index: index, _id: id ?? null, status, error: body.error } // the other documents are written all the same
    }
  }

  void app.register(async (scope) => {
    scope.addContentTypeParser('application/x-ndjson', { parseAs: 'string' }, (_request, text, done) => {
      done(null, text)
    })
    for (const url of ['/_bulk', '/:index/_bulk']) {
      scope.post<BulkRoute>(url, async ({ params, query, body }) => {
        const startedAt = performance.now()
        const actions = parseActions(body, params.index)
        const items: { readonly index: object }[] = []
        for (const action of actions) items.push({ index: await write(action, query.pipeline) })
        const errors = items.some(({ index }) => 'error' in index)
        return { took: Math.round(performance.now() - startedAt), errors, items }
      })
    }
  })
}

/** @throws HttpError 400 naming the line; nothing is written then */
function parseActions(body: unknown, defaultIndex: string | undefined): readonly Action[] {
  if (typeof body !== 'string') throw badRequest('send the lines as application/x-ndjson')
  const lines = body.split('\n').filter((line) => line.trim() !== '')
  if (lines.length === 0 || lines.length % 2 !== 0)
    throw badRequest('each line with an action is followed by a line with its document')
  return Array.from({ length: lines.length / 2 }, (_, pair) => {
    const { index: action, ...others } = objectAt(lines, pair * 2)
    if (!isSource(action) || Object.keys(others).length > 0)
      throw badRequest(`line ${pair * 2 + 1} must be {"index": {…}}`)
    const { _index: index = defaultIndex, _id: id } = action
    if (typeof index !== 'string') throw badRequest(`line ${pair * 2 + 1} names no [_index]`)
    if (id !== undefined && typeof id !== 'string')
      throw badRequest(`line ${pair * 2 + 1}: [_id] must be a text`)
    return { index, id, source: objectAt(lines, pair * 2 + 1) }
  })
}

function objectAt(lines: readonly string[], position: number): Source {
  let value: unknown
  try {
    value = JSON.parse(lines[position] ?? '')
  } catch {
    value = undefined
  }
  if (!isSource(value)) throw badRequest(`line ${position + 1} must be a JSON object`)
  return value
}
