/** `GET /_cat/*`: tables for people; `?format=json` for programs, `?v=false` without the titles. */
import type { FastifyInstance, FastifyReply } from 'fastify'
import type { AppParts } from '../app.js'
import { PLUGIN_COLUMNS, pluginRow } from '../plugin-table.js'
import { textTable, type Column } from '../text-table.js'

type CatQuery = { readonly Querystring: { readonly format?: string; readonly v?: string } }

const INDEX_COLUMNS: readonly Column[] = [
  { title: 'health' },
  { title: 'status' },
  { title: 'index' },
  { title: 'uuid' },
  { title: 'docs.count', align: 'right' },
]

export function routeCat(app: FastifyInstance, { cluster, store, plugins }: AppParts): void {
  app.get<CatQuery>('/_cat/plugins', ({ query }, reply) => {
    const listed = plugins.list()
    if (query.format === 'json') return listed
    return table(reply, query.v, PLUGIN_COLUMNS, listed.map(pluginRow))
  })

  app.get<CatQuery>('/_cat/indices', ({ query }, reply) => {
    const rows = store
      .names()
      .map((index) => [
        'green',
        cluster.index(index)?.state ?? 'open',
        index,
        cluster.index(index)?.uuid ?? '-',
        String(store.get(index).size),
      ])
    if (query.format === 'json') {
      return rows.map((row) =>
        Object.fromEntries(INDEX_COLUMNS.map(({ title }, position) => [title, row[position]])),
      )
    }
    return table(reply, query.v, INDEX_COLUMNS, rows)
  })
}

function table(
  reply: FastifyReply,
  titles: string | undefined,
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): string {
  void reply.type('text/plain; charset=utf-8')
  const lines = textTable(columns, rows)
  return `${(titles === 'false' ? lines.slice(1) : lines).join('\n')}\n`
}
