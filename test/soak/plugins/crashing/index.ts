/** Ends itself in the way it is asked for, after its answer or instead of one. */
import type { PluginDefinition, RestResponse } from 'bulkhead/plugin'

/** Answers, then fails where nobody waits. */
const late = (fail: () => void): RestResponse => {
  setTimeout(fail, 5)
  return { status: 202, body: null }
}

const WAYS: { readonly [way: string]: () => RestResponse } = {
  'throw-late': () =>
    late(() => {
      throw new Error('thrown from a timer')
    }),
  'reject-late': () => late(() => void Promise.reject(new Error('rejected where nobody waits'))),
  throw: () => {
    throw new TypeError('thrown to the caller')
  },
  loop: () => {
    for (let turns = 0; ; turns += 1) if (turns < 0) return { body: turns }
  },
  'loop-late': () =>
    late(() => {
      for (;;);
    }),
  memory: () => {
    const all: unknown[] = []
    for (;;) all.push(Array.from({ length: 10_000 }, () => all.length))
  },
  'memory-late': () =>
    late(() => {
      const all: unknown[] = []
      for (;;) all.push(new Uint8Array(1_048_576).fill(1))
    }),
  stack: () => {
    const deeper = (depth: number): number => deeper(depth + 1) + 1
    return { body: deeper(0) }
  },
}

const plugin: PluginDefinition = {
  rest: [
    {
      method: 'POST',
      path: '/_plugins/_crashing/{way}',
      handle: ({ params }) => WAYS[params['way'] ?? '']?.() ?? { status: 404 },
    },
  ],
}
export default plugin
