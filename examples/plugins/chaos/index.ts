/**
 * A plugin that misbehaves on request: `POST /_plugins/_chaos/{case}`. Every case is
 * the real thing, so run it in a node you can spare - or behind walls that hold.
 */
import { definePlugin, type CallContext, type RestRequest, type RestResponse } from 'bulkhead/plugin'
import { tryEscapes } from './escapes.js'

type Case = (context: CallContext, request: RestRequest) => RestResponse | Promise<RestResponse>

const MEBIBYTE = 1_048_576
const HUGE_REPLY_MEBIBYTES = 50
const FLOOD_MS = 1000

const pause = (delayMs: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, delayMs)
  })

/** Answers, then lets `misbehave` happen when nobody waits for this plugin any more. */
const after = (asked: string, misbehave: () => void): RestResponse => {
  setTimeout(misbehave, 20)
  return { status: 202, body: { asked } }
}

const CASES: { readonly [name: string]: Case } = {
  throw: () =>
    after('throw', () => {
      throw new Error('chaos: thrown from a timer, nobody can catch it')
    }),

  'reject-late': () =>
    after('reject-late', () => {
      void Promise.reject(new Error('chaos: rejected late, nobody waits for it'))
    }),

  spin: () => {
    for (let turns = 0; ; turns += 1) if (turns < 0) return { body: { turns } }
  },

  // A growing Map: the shape that ends a whole process when threads are all there is.
  // The pauses keep the thread answering, so that it is the memory that is noticed.
  leak: async () => {
    const leaked = new Map<number, readonly number[]>()
    for (let key = 0; ; key += 1) {
      leaked.set(key, Array.from<number>({ length: 1024 }).fill(key))
      if (key % 250 === 0) await pause(1)
    }
  },

  // Memory that no heap limit counts.
  'leak-buffers': async () => {
    const leaked: Uint8Array[] = []
    for (;;) {
      leaked.push(new Uint8Array(4 * MEBIBYTE).fill(leaked.length))
      await pause(2)
    }
  },

  exit: async (context, request) => {
    const attempts = await tryEscapes([
      request,
      request.headers,
      context,
      context.log,
      Reflect.get(context.log, 'info'),
    ])
    return { body: { tried: attempts.length, attempts } }
  },

  flood: async ({ log, cluster }) => {
    const line = 'chaos '.repeat(40)
    const endAt = Date.now() + FLOOD_MS
    let lines = 0
    let refused = 0
    while (Date.now() < endAt) {
      for (let burst = 0; burst < 2000; burst += 1) {
        log.info(lines, line)
        lines += 1
      }
      for (let burst = 0; burst < 200; burst += 1) {
        cluster
          .waitForNextChange(() => false, 60_000)
          .catch(() => {
            refused += 1
          })
      }
      await pause(1)
    }
    return { body: { lines, refused } }
  },

  'huge-reply': () => ({ body: new Uint8Array(HUGE_REPLY_MEBIBYTES * MEBIBYTE).fill(120) }),

  never: () => new Promise<never>(() => {}),
}

export default definePlugin({
  rest: [
    {
      method: 'GET',
      path: '/_plugins/_chaos',
      handle: () => ({ body: { cases: Object.keys(CASES) } }),
    },
    {
      method: 'POST',
      path: '/_plugins/_chaos/{case}',
      handle: (request, context) => {
        const name = request.params['case'] ?? ''
        const misbehave = Object.hasOwn(CASES, name) ? CASES[name] : undefined
        if (misbehave !== undefined) return misbehave(context, request)
        return { status: 404, body: { error: `no case [${name}]; one of ${Object.keys(CASES).join(', ')}` } }
      },
    },
  ],
})
