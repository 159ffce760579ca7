/**
 * A client of the plugin that keeps texts in files. What it acknowledged must be there
 * again whatever happened to its process since: kills, pauses, a full disk.
 */
import { difference, makeDocument } from './document.js'
import type { LoadParts } from './load.js'
import { rest } from './rest.js'

const DEADLINE_MS = 3000
const FILES_AT_ONCE = 10
/** A plugin that is down comes back by then: a released one within seconds. */
const COMES_BACK_MS = 60_000
const RETRY_MS = 250

export async function runFileClient(parts: LoadParts): Promise<void> {
  const { http, random, documents, over, gone, newId } = parts
  const kept = new Map<string, string>()
  const call = (kind: string, method: string, id: string, body?: string) =>
    http({
      kind,
      method,
      path: `/_plugins/_files/${id}`,
      deadlineMs: DEADLINE_MS,
      ...(body === undefined ? {} : { body, type: 'text/plain' }),
    })

  const readBack = async (id: string, checksum: string): Promise<void> => {
    const until = performance.now() + COMES_BACK_MS
    let answer = await call('read file', 'GET', id)
    // 404 and 500 are the plugin's own word; the rest says that it is not there to answer.
    while (![200, 404, 500].includes(answer.status) && performance.now() < until && !gone.aborted) {
      await rest(RETRY_MS, gone)
      answer = await call('read file', 'GET', id)
    }
    if (gone.aborted) return
    if (answer.status !== 200)
      return documents.lost(`file ${id}: ${answer.status} ${JSON.stringify(answer.body)}`)
    const why = difference(answer.body, { checksum, agents: false })
    if (why === undefined) documents.whole()
    else documents.altered(`file ${id}: ${why}`)
  }

  while (!over.aborted) {
    while (kept.size < FILES_AT_ONCE && !over.aborted) {
      const document = makeDocument(newId(), random)
      const { status } = await call('write file', 'PUT', document.id, JSON.stringify(document))
      if (status === 201) {
        documents.acknowledged()
        kept.set(document.id, document.checksum)
      } else documents.refused()
      await rest(random.between(50, 300), over)
    }
    for (const [id, checksum] of kept) {
      if (gone.aborted) return
      await readBack(id, checksum)
      await call('remove file', 'DELETE', id)
    }
    kept.clear()
  }
}
