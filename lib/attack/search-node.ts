/**
 * The search that the node goes on with while it is attacked: full text over documents
 * that are the same in each run, scored by BM25, asked for over HTTP on loopback. It
 * shares the event loop, the heap and the cores with the plugin service, as in a real node.
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const DOCUMENTS = 2000
const WORDS_PER_DOCUMENT = 60
const VOCABULARY = 1500
const HITS = 10
/** BM25's usual constant: how soon a repeated word counts less. All documents are equally long, so the other one has no part. */
const K1 = 1.2

/** How often a word stands in a document, by document. */
type Postings = Map<number, number>

export interface SearchNode {
  readonly port: number
  close(): Promise<void>
}

/** Words `w0`, `w1`, …: the first ones are frequent, the last ones rare, as in any language. */
export function wordAt(random: number): string {
  return `w${Math.floor(VOCABULARY * random * random)}`
}

/** A generator of the same numbers each time, from 0 up to 1 (Park and Miller's). */
export function sameNumbers(seed: number): () => number {
  let state = seed
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647
}

function buildIndex(): Map<string, Postings> {
  const random = sameNumbers(1)
  const index = new Map<string, Postings>()
  for (let document = 0; document < DOCUMENTS; document++) {
    for (let at = 0; at < WORDS_PER_DOCUMENT; at++) {
      const word = wordAt(random())
      let postings = index.get(word)
      if (postings === undefined) index.set(word, (postings = new Map()))
      postings.set(document, (postings.get(document) ?? 0) + 1)
    }
  }
  return index
}

function search(index: Map<string, Postings>, query: string): readonly [document: number, score: number][] {
  const scores = new Map<number, number>()
  for (const word of query.split(' ')) {
    const postings = index.get(word) ?? new Map<number, number>()
    const rarity = Math.log(1 + (DOCUMENTS - postings.size + 0.5) / (postings.size + 0.5))
    for (const [document, count] of postings) {
      const weight = (count * (K1 + 1)) / (count + K1)
      scores.set(document, (scores.get(document) ?? 0) + rarity * weight)
    }
  }
  return [...scores].sort(([, one], [, other]) => other - one).slice(0, HITS)
}

/** Listens on a free port of 127.0.0.1: `GET /?q=w1+w2`. */
export async function startSearchNode(): Promise<SearchNode> {
  const index = buildIndex()
  const server = createServer((request, response) => {
    const query = new URL(request.url ?? '/', 'http://node').searchParams.get('q') ?? ''
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ hits: search(index, query) }))
  })
  server.keepAliveTimeout = 0 // the probe keeps its connection
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}
