// Calls through the service end, one way or the other, and say how; in both isolations.
import t from 'tap'
import { MockCluster } from '../../lib/testing/mock-cluster.js'
import { runPlugin, type RunningPlugin } from '../../lib/testing/run-plugin.js'
import type { Isolation } from '../../lib/supervisor/options.js'

const FLOOD = 3000
const SOURCE = `
import { definePlugin } from 'bulkhead/plugin'
let cancelled = 0
const seen: string[] = []
const collect = async (body: AsyncIterable<Uint8Array>) => { let n = 0; for await (const chunk of body) n += chunk.length; return n }
export default definePlugin({
  rest: [
    { method: 'GET', path: '/p/{id}', handle: (request) => ({ status: 201, headers: { 'x-id': request.params.id }, body: request }) },
    { method: 'POST', path: '/text', handle: (request) => ({ body: String(request.body).toUpperCase() }) },
    { method: 'POST', path: '/bytes', handle: (request) => ({ body: Uint8Array.from(request.body as Uint8Array).reverse() }) },
    { method: 'POST', path: '/stream', handle: async (request) => ({ body: { bytes: await collect(request.body as AsyncIterable<Uint8Array>) } }) },
    { method: 'GET', path: '/stream', handle: () => ({ body: (async function* () { for (let i = 0; i < 100; i++) yield new Uint8Array(1000).fill(i) })() }) },
    { method: 'GET', path: '/broken-stream', handle: () => ({ body: (async function* () { yield new Uint8Array(5); throw new Error('half way') })() }) },
    { method: 'GET', path: '/nothing', handle: () => undefined as never },
    { method: 'GET', path: '/wrong', handle: () => ({ status: 'fine' as never }) },
    { method: 'GET', path: '/throw', handle: () => { throw new SyntaxError('mine') } },
    { method: 'GET', path: '/throw-odd', handle: () => { throw { toString() { throw 1 }, get message() { throw 2 } } } },
    { method: 'GET', path: '/reject', handle: async () => Promise.reject(null) },
    { method: 'GET', path: '/never', handle: (_, ctx) => { ctx.signal.addEventListener('abort', () => { cancelled++ }); return new Promise(() => {}) } },
    { method: 'GET', path: '/cancelled', handle: () => ({ body: cancelled }) },
    { method: 'GET', path: '/large', handle: () => ({ body: 'x'.repeat(2_000_000) }) },
    { method: 'GET', path: '/deep', handle: () => { let body: unknown[] = []; for (let level = 0; level < 100; level++) body = [body]; return { body: body as never } } },
    { method: 'GET', path: '/cyclic', handle: () => { const a: any = {}; a.a = a; return { body: a } } },
    { method: 'GET', path: '/bigint', handle: () => ({ body: 1n as never }) },
    { method: 'GET', path: '/late-throw', handle: () => { setTimeout(() => { throw new Error('late') }, 0); void Promise.reject(new Error('unhandled')); return { body: 'fine' } } },
    { method: 'POST', path: '/stream-failure', handle: async (request) => {
      try { for await (const _ of request.body as AsyncIterable<Uint8Array>); } catch (error) {
        const chain: unknown[] = []
        for (let at = error as object | null; at !== null; at = Object.getPrototypeOf(at)) chain.push(at)
        const classes = [(error as Error).constructor, Object.getPrototypeOf((error as Error).constructor)]
        return { body: {
          code: (error as { code?: string }).code,
          plain: chain[1] === Error.prototype,
          frozen: chain.slice(1).every((one) => Object.isFrozen(one)) && classes.every((one) => Object.isFrozen(one)),
          reaches: classes.map((one) => { try { return String(one.constructor('return typeof process')()) } catch { return 'refused' } }),
        } }
      }
      return { body: 'no failure' }
    } },
    { method: 'GET', path: '/flood-failures', handle: () => { for (let i = 0; i < ${FLOOD}; i++) void Promise.reject(new Error('x'.repeat(500))); return { body: 'sent' } } },
    { method: 'GET', path: '/seen', handle: (_, ctx) => ({ body: { seen, same: ctx.cluster.state() === ctx.cluster.state(), keys: Object.keys(ctx.cluster.state()).sort() } }) },
  ],
  ingest: {
    upper: ({ field }) => async (documents) => documents.map((document) => ({ ...document, [String(field)]: String(document[String(field)]).toUpperCase() })),
    drop: () => (documents) => documents.map(() => null),
    short: () => () => [],
    fails: () => { throw new Error('no such model') },
  },
  clusterStateListener: (event) => { seen.push(event.source()) },
})
`

for (const isolation of ['process', 'thread'] satisfies Isolation[]) {
  t.test(isolation, async (t) => {
    const cluster = new MockCluster({ nodes: 2, indices: { logs: { shards: 1 } } })
    const plugin: RunningPlugin = await runPlugin({
      source: SOURCE,
      isolation,
      cluster,
      policy: {
        grant: { extensionPoints: ['rest:/**', 'ingest:*'], clusterState: { read: ['metadata.indices'] } },
        limits: { callTimeoutMs: 2000, blockedMs: 5000 },
      },
    })
    t.teardown(() => plugin.stop())
    const get = (path: string) => plugin.rest({ method: 'GET', path })

    t.test('a request arrives whole and a response goes back whole', async (t) => {
      const reply = await plugin.rest({
        method: 'GET',
        path: '/p/7',
        query: { q: 'ü' },
        headers: { 'X-A': 'b' },
        body: { a: [1] },
      })
      t.match(reply, { status: 201, headers: { 'x-id': '7' } })
      t.same(reply.body, {
        method: 'GET',
        path: '/p/7',
        params: { id: '7' },
        query: { q: 'ü' },
        headers: { 'x-a': 'b' },
        body: { a: [1] },
      })
      t.equal((await plugin.rest({ method: 'POST', path: '/text', body: 'abc' })).body, 'ABC')
      t.same(
        (await plugin.rest({ method: 'POST', path: '/bytes', body: new Uint8Array([1, 2, 3]) })).body,
        new Uint8Array([3, 2, 1]),
      )
      t.same(await get('/nothing'), { status: 200, headers: {}, body: null })
    })

    t.test('streams go both ways', async (t) => {
      const body = (async function* () {
        for (let i = 0; i < 300; i++) yield new Uint8Array(10_000)
      })()
      t.same((await plugin.rest({ method: 'POST', path: '/stream', body })).body, { bytes: 3_000_000 })
      let bytes = 0
      for await (const chunk of (await get('/stream')).body as AsyncIterable<Uint8Array>)
        bytes += chunk.length
      t.equal(bytes, 100_000)
      const broken = (await get('/broken-stream')).body as AsyncIterable<Uint8Array>
      await t.rejects(
        (async () => {
          for await (const chunk of broken) bytes += chunk.length
        })(),
        { code: 'PLUGIN_ERROR', message: /half way/ },
      )
    })

    t.test('a request stream that fails leads the plugin to no class of trusted code', async (t) => {
      const body = (async function* () {
        yield new Uint8Array(1)
        throw new Error('the node gave up')
      })()
      const reply = await plugin.rest({ method: 'POST', path: '/stream-failure', body })
      t.match(reply.body, { plain: true, frozen: true, reaches: ['refused', 'refused'] })
    })

    t.test("failures are coded, carry the author's place and no path of the host", async (t) => {
      const failures: readonly [string, string, RegExp][] = [
        ['/throw', 'PLUGIN_ERROR', /SyntaxError: mine/],
        ['/throw-odd', 'PLUGIN_ERROR', /./],
        ['/reject', 'PLUGIN_ERROR', /null/],
        ['/wrong', 'REPLY_INVALID', /status/],
        ['/large', 'MESSAGE_TOO_LARGE', /./],
        ['/cyclic', 'PLUGIN_ERROR', /circular/i],
        ['/bigint', 'PLUGIN_ERROR', /BigInt/],
        ['/not-there', 'EXTENSION_NOT_FOUND', /not-there/],
      ]
      for (const [path, code, says] of failures) {
        const error: unknown = await get(path).catch((thrown: unknown) => thrown)
        t.match(error, { code, message: says }, path)
      }
      const thrown = (await get('/throw').catch((error: unknown) => error)) as { detail: { stack: string } }
      t.match(thrown.detail.stack, /index\.ts:\d+:\d+/)
      t.notMatch(JSON.stringify(thrown.detail), /bulkhead-run|dist\/|worker eval/)
    })

    t.test('deadline and abort reach the plugin', async (t) => {
      await t.rejects(plugin.rest({ method: 'GET', path: '/never' }, { deadlineMs: 30 }), {
        code: 'CALL_TIMEOUT',
      })
      t.equal(plugin.info().limitHits.callTimeoutMs, 1)
      const abort = new AbortController()
      const call = plugin.rest({ method: 'GET', path: '/never' }, { signal: abort.signal })
      abort.abort()
      await t.rejects(call, { code: 'CALL_ABORTED' })
      t.equal((await get('/cancelled')).body, 2)
    })

    t.test('late failures are told and counted, and end nothing', async (t) => {
      const { pid, restarts } = plugin.info()
      t.equal((await get('/late-throw')).body, 'fine')
      while (plugin.failures.length < 2) await get('/nothing')
      t.same(plugin.failures.map(({ kind }) => kind).sort(), ['uncaught exception', 'unhandled rejection'])
      t.same([plugin.info().pid, plugin.info().restarts], [pid, restarts])
    })

    t.test('a value with too many levels fails its call in either direction, and ends nothing', async (t) => {
      const { pid } = plugin.info()
      const error = { code: 'MESSAGE_TOO_LARGE', detail: { limit: 'messageDepth 64' } }
      await t.rejects(get('/deep'), error)
      const body = JSON.parse('['.repeat(100) + ']'.repeat(100)) as never
      await t.rejects(plugin.rest({ method: 'POST', path: '/text', body }), error)
      t.same([plugin.info().pid, plugin.info().state], [pid, 'running'])
      t.equal(plugin.info().limitHits.messageDepth, 2)
    })

    t.test('a flood of failures is counted whole and told within limits.logBytesPerSecond', async (t) => {
      const before = { told: plugin.failures.length, counted: plugin.info().failures }
      await get('/flood-failures')
      // Its own thread drops what is past the budget, and says how many those were.
      while (plugin.failures.length === before.told || plugin.info().failures - before.counted < FLOOD)
        await get('/nothing')
      const told = plugin.failures.length - before.told
      t.equal(plugin.info().failures - before.counted, FLOOD)
      t.ok(told < 200, `${told} of 500 characters and a stack each were told`)
    })

    t.test('documents go through a processor, as many as were sent', async (t) => {
      t.same(await plugin.ingest('upper', { field: 'a' }, [{ a: 'x' }, { a: 'y', b: 1 }]), [
        { a: 'X' },
        { a: 'Y', b: 1 },
      ])
      t.same(await plugin.ingest('drop', {}, [{ a: 1 }]), [null])
      await t.rejects(plugin.ingest('short', {}, [{ a: 1 }]), { code: 'REPLY_INVALID' })
      await t.rejects(plugin.ingest('fails', {}, [{ a: 1 }]), {
        code: 'PLUGIN_ERROR',
        message: /no such model/,
      })
      await t.rejects(plugin.ingest('absent', {}, [{ a: 1 }]), { code: 'EXTENSION_NOT_FOUND' })
    })

    t.test('cluster states arrive as far as they are granted', async (t) => {
      await cluster.createIndex('metrics')
      await plugin.settled()
      const { seen, same, keys } = (await get('/seen')).body as {
        seen: string[]
        same: boolean
        keys: string[]
      }
      t.match(seen.at(-1), /metrics/)
      t.equal(same, true)
      t.same(keys, ['clusterName', 'metadata', 'stateUUID', 'version'])
    })

    t.test('after stop every call ends with PLUGIN_STOPPED', async (t) => {
      const waiting = get('/never').catch((error: unknown) => error)
      await plugin.stop()
      t.match(await waiting, { code: 'PLUGIN_STOPPED' })
      await t.rejects(get('/nothing'), { code: 'PLUGIN_STOPPED' })
      t.equal(plugin.info().state, 'stopped')
    })
  })
}
