/** Answers most calls; every so many it takes and never answers. */
import type { PluginDefinition } from 'bulkhead/plugin'

const REST_EVERY = 7
const INGEST_EVERY = 50
let requests = 0
let batches = 0

const never = (): Promise<never> => new Promise(() => undefined)

const plugin: PluginDefinition = {
  ingest: {
    now_and_then: () => async (documents) => {
      batches += 1
      if (batches % INGEST_EVERY === 0) return never()
      return documents.map((document) => ({ ...document, passed: true }))
    },
  },
  rest: [
    {
      method: 'GET',
      path: '/_plugins/_hanging',
      handle: async () => {
        requests += 1
        return requests % REST_EVERY === 0 ? never() : { body: { requests } }
      },
    },
  ],
}
export default plugin
