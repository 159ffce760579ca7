/** Clients of the plugins themselves: each calls one plugin at its own pace, whatever it answers. */
import type { HttpCall } from './http-client.js'
import type { LoadParts } from './load.js'
import type { Random } from './random.js'
import { rest } from './rest.js'

export interface PluginCalls {
  readonly plugin: string
  readonly everyMs: number
  /** @param share - how much of the soak is over, from 0 to 1 */
  readonly call: (random: Random, share: number) => Omit<HttpCall, 'kind'>
  /** One that shows that it works, whatever it was asked for before. */
  readonly farewell: Omit<HttpCall, 'kind'>
}

const WAYS: readonly string[] = [
  'throw-late',
  'reject-late',
  'throw',
  'loop',
  'loop-late',
  'memory',
  'memory-late',
  'stack',
]
const post = (path: string, deadlineMs: number) => ({ method: 'POST', path, deadlineMs })
const get = (path: string, deadlineMs: number) => ({ method: 'GET', path, deadlineMs })

/** Deadlines are those of the plugins' policies. */
export const PLUGIN_CALLS: readonly PluginCalls[] = [
  {
    plugin: 'index-watch',
    everyMs: 250,
    call: () => get('/_plugins/_index_watch?index=corpus', 5000),
    farewell: get('/_plugins/_index_watch?index=corpus', 5000),
  },
  {
    plugin: 'leaking',
    everyMs: 300,
    call: (_random, share) => post(`/_plugins/_leaking/${share < 0.5 ? 'heap' : 'buffers'}`, 3000),
    farewell: post('/_plugins/_leaking/heap', 3000),
  },
  {
    plugin: 'crashing',
    everyMs: 2000,
    call: (random) => post(`/_plugins/_crashing/${random.pick(WAYS)}`, 3000),
    farewell: post('/_plugins/_crashing/not-at-all', 3000),
  },
  {
    plugin: 'flooding',
    everyMs: 1500,
    call: () => post('/_plugins/_flooding', 3000),
    farewell: post('/_plugins/_flooding', 3000),
  },
  {
    plugin: 'hanging',
    everyMs: 300,
    call: () => get('/_plugins/_hanging', 1000),
    farewell: get('/_plugins/_hanging', 1000),
  },
  {
    plugin: 'files',
    everyMs: 1000,
    call: () => get('/_plugins/_files/never-written', 3000),
    farewell: get('/_plugins/_files/never-written', 3000),
  },
]

export async function runPluginClient(calls: PluginCalls, parts: LoadParts): Promise<void> {
  const { http, random, over, share } = parts
  while (!over.aborted) {
    await http({ kind: calls.plugin, ...calls.call(random, share()) })
    await rest(calls.everyMs * random.between(0.5, 1.5), over)
  }
}
