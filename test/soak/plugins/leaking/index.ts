/** Keeps a part of every request for good, until a limit ends it; well-behaved in every other way. */
import type { PluginDefinition } from 'bulkhead/plugin'

const MEBIBYTE = 1_048_576
const HEAP_NUMBERS = 400_000
const kept: unknown[] = []

const plugin: PluginDefinition = {
  rest: [
    {
      method: 'POST',
      path: '/_plugins/_leaking/{kind}',
      handle: ({ params }) => {
        if (params['kind'] === 'heap') kept.push(Array.from({ length: HEAP_NUMBERS }, (_, at) => at + 0.5))
        else kept.push(new Uint8Array(4 * MEBIBYTE).fill(1))
        return { body: { kept: kept.length } }
      },
    },
  ],
}
export default plugin
