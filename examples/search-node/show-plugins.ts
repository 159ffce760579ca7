/** What a user of the node does: a search, a document through a plugin, a look at a plugin's log. */
import { clip } from './text-table.js'
import { withCommas, type Terminal } from './terminal.js'

const GIVE_UP_MS = 3000
const WORDS = 'railroad to the pacific'
const USER_AGENT =
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15'

export async function showSearch(url: string, index: string, terminal: Terminal): Promise<void> {
  terminal.step(`A search: ${WORDS}`)
  const body = { query: { match: { text: { query: WORDS, operator: 'and' } } }, size: 3 }
  const found = (await send(`${url}/${index}/_search`, 'POST', body)) as SearchReply
  terminal.line(`${withCommas(found.hits.total.value)} passages in ${found.took} ms`)
  for (const { _score, _source } of found.hits.hits) {
    terminal.line(
      `${_score.toFixed(1).padStart(5)}  ${_source.year}  ${clip(`${_source.president}: ${_source.text}`, 80)}`,
    )
  }
}

export async function showIngest(url: string, terminal: Terminal): Promise<void> {
  terminal.step('A document through the plugin ingest-user-agent')
  await send(`${url}/_ingest/pipeline/agents`, 'PUT', { processors: [{ user_agent: { field: 'agent' } }] })
  await send(`${url}/visits/_doc/1?pipeline=agents`, 'PUT', { path: '/', agent: USER_AGENT })
  const { _source } = (await send(`${url}/visits/_doc/1`, 'GET')) as VisitReply
  const { device, name, os, version } = _source.user_agent
  terminal.line(`in    agent       ${clip(USER_AGENT, 76)}`)
  terminal.line(`out   user_agent  ${name} ${version} on ${os.full}, ${device.type} (${device.name})`)
}

export async function showWatch(url: string, terminal: Terminal): Promise<void> {
  terminal.step('What the plugin index-watch saw of the cluster state')
  await send(`${url}/letters`, 'PUT', { mappings: { properties: { sender: { type: 'text' } } } })
  await watched(url)
  await send(`${url}/letters/_mapping`, 'PUT', { properties: { year: { type: 'double' } } })
  await watched(url)
  await send(`${url}/letters`, 'DELETE')
  const entries = await watched(url)
  terminal.table(
    [
      { title: 'state', align: 'right' },
      { title: 'change' },
      { title: 'index' },
      { title: 'fields', maxWidth: 64 },
    ],
    entries.map((entry) => [String(entry.version), entry.change, entry.index, entry.fields.join(', ')]),
  )
}

/** States reach a plugin a moment after the node has them, and only the newest for sure: asks until it is there. */
async function watched(url: string): Promise<readonly WatchEntry[]> {
  const { version } = (await send(`${url}/_cluster/state`, 'GET')) as { readonly version: number }
  const giveUpAt = performance.now() + GIVE_UP_MS
  for (;;) {
    const log = (await send(`${url}/_plugins/_index_watch`, 'GET')) as WatchReply
    if (log.version >= version || performance.now() > giveUpAt) return log.entries
  }
}

/** @throws Error with the node's own reason when the status is 400 or above */
async function send(url: string, method: string, body?: unknown): Promise<unknown> {
  const response = await fetch(url, {
    method,
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  })
  const reply: unknown = await response.json()
  if (response.status < 400) return reply
  const { error } = reply as { readonly error: { readonly type: string; readonly reason: string } }
  throw new Error(
    `${method} ${new URL(url).pathname} was answered ${response.status} ${error.type}: ${error.reason}`,
  )
}

interface SearchReply {
  readonly took: number
  readonly hits: {
    readonly total: { readonly value: number }
    readonly hits: readonly {
      readonly _score: number
      readonly _source: { readonly year: number; readonly president: string; readonly text: string }
    }[]
  }
}

interface VisitReply {
  readonly _source: {
    readonly user_agent: {
      readonly name: string
      readonly version: string
      readonly os: { readonly full: string }
      readonly device: { readonly name: string; readonly type: string }
    }
  }
}

interface WatchEntry {
  readonly version: number
  readonly change: string
  readonly index: string
  readonly fields: readonly string[]
}

interface WatchReply {
  readonly version: number
  readonly entries: readonly WatchEntry[]
}
