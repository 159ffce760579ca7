/**
 * A client that writes documents into one index after the other. When an index has its
 * share, each acknowledged document is read back and held against what was sent, and the
 * index is deleted: so every one of them is checked, and the node's store stays small.
 */
import { difference, makeDocument, type Expected } from './document.js'
import type { LoadParts } from './load.js'
import { rest } from './rest.js'

const DOCUMENTS_PER_INDEX = 300
const NODE_MS = 2000
/** What the node gives a processor for one document; those of a bulk go through one after the other. */
const PROCESSOR_MS = 2000
const MOST_BULK = 20

export const PIPELINES = {
  /** A good plugin; without it a document is refused. */
  agents: { processors: [{ user_agent: { field: 'agent' } }] },
  /** One that hangs now and then; without it a document goes on as it is. */
  patient: { processors: [{ now_and_then: { ignore_failure: true } }] },
} as const
type Pipeline = keyof typeof PIPELINES | null

interface Accepted {
  readonly index: string
  readonly expected: Map<string, Expected>
}

export async function runIngestClient(name: string, parts: LoadParts): Promise<void> {
  const { http, over } = parts
  for (let generation = 0; !over.aborted; generation += 1) {
    const accepted: Accepted = { index: `soak-${name}-${generation}`, expected: new Map() }
    await http({ kind: 'index', method: 'PUT', path: `/${accepted.index}`, deadlineMs: NODE_MS })
    while (accepted.expected.size < DOCUMENTS_PER_INDEX && !over.aborted) {
      await writeSome(accepted, parts)
      await rest(parts.random.between(5, 40), over)
    }
    await readBack(accepted, parts)
    await http({ kind: 'index', method: 'DELETE', path: `/${accepted.index}`, deadlineMs: NODE_MS })
  }
}

async function writeSome(accepted: Accepted, parts: LoadParts): Promise<void> {
  const { random } = parts
  const pipeline = random.pick<Pipeline>([null, 'agents', 'patient'])
  if (random.next() < 0.2) await writeBulk(accepted, pipeline, parts)
  else await writeOne(accepted, pipeline, parts)
}

async function writeOne({ index, expected }: Accepted, pipeline: Pipeline, parts: LoadParts): Promise<void> {
  const { http, random, documents, newId } = parts
  const document = makeDocument(newId(), random)
  const named = random.next() < 0.7
  const query = pipeline === null ? '' : `?pipeline=${pipeline}`
  const { status, body } = await http({
    kind: pipeline === null ? 'write' : `write through ${pipeline}`,
    method: named ? 'PUT' : 'POST',
    path: `/${index}/_doc${named ? `/${document.id}` : ''}${query}`,
    body: JSON.stringify(document),
    deadlineMs: pipeline === null ? NODE_MS : NODE_MS + PROCESSOR_MS,
  })
  if (status !== 200 && status !== 201) return documents.refused()
  documents.acknowledged()
  const id = (body as { readonly _id: string })._id
  expected.set(id, { checksum: document.checksum, agents: pipeline === 'agents' })
}

async function writeBulk({ index, expected }: Accepted, pipeline: Pipeline, parts: LoadParts): Promise<void> {
  const { http, random, documents, newId } = parts
  const sent = Array.from({ length: Math.ceil(random.between(1, MOST_BULK)) }, () =>
    makeDocument(newId(), random),
  )
  const { status, body } = await http({
    kind: pipeline === null ? 'bulk' : `bulk through ${pipeline}`,
    method: 'POST',
    path: `/${index}/_bulk${pipeline === null ? '' : `?pipeline=${pipeline}`}`,
    body: sent
      .map((document) => `${JSON.stringify({ index: { _id: document.id } })}\n${JSON.stringify(document)}\n`)
      .join(''),
    type: 'application/x-ndjson',
    deadlineMs: NODE_MS + (pipeline === null ? 0 : PROCESSOR_MS * sent.length),
  })
  const items =
    status === 200
      ? (body as { readonly items: readonly { readonly index: { readonly status: number } }[] }).items
      : []
  for (const [position, { id, checksum }] of sent.entries()) {
    const written = items[position]?.index.status ?? 0
    if (written !== 200 && written !== 201) {
      documents.refused()
      continue
    }
    documents.acknowledged()
    expected.set(id, { checksum, agents: pipeline === 'agents' })
  }
}

async function readBack({ index, expected }: Accepted, { http, documents, gone }: LoadParts): Promise<void> {
  for (const [id, wanted] of expected) {
    if (gone.aborted) return
    const path = `/${index}/_doc/${id}`
    const { status, body } = await http({ kind: 'read back', method: 'GET', path, deadlineMs: NODE_MS })
    if (status !== 200) {
      documents.lost(`${path}: ${status}`)
      continue
    }
    const why = difference((body as { readonly _source?: unknown })._source, wanted)
    if (why === undefined) documents.whole()
    else documents.altered(`${path}: ${why}`)
  }
}
