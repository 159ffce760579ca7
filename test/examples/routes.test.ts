// The node's routes answer as OpenSearch shapes them, and what a plugin answers passes through unchanged.
import t, { type Test } from 'tap'
import { memoryClusterState, PluginError, type RestCall, type RestReply } from 'bulkhead'
import { firstState } from '../../examples/search-node/cluster.js'
import { startNode } from '../../examples/search-node/node.js'
import type { PluginHost } from '../../examples/search-node/plugin-host.js'

interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly json: unknown
}

type Send = (request: string, body?: unknown) => Promise<Answer>

const refuse = async (): Promise<never> => {
  throw new PluginError('EXTENSION_NOT_FOUND', { what: 'this test has no plugin' })
}

/** A node over plugins that are plain functions, until the end of the test. */
async function nodeWithUrl(t: Pick<Test, 'teardown'>, plugins: Partial<PluginHost>): Promise<string> {
  const clusterState = memoryClusterState()
  clusterState.publish('node starts', () => firstState('127.0.0.1:9300', '3.2.0'))
  const host: PluginHost = { rest: refuse, ingest: refuse, list: () => [], ...plugins }
  const node = await startNode({ clusterState, plugins: host, ports: [0] })
  t.teardown(() => node.close())
  return node.url
}

/** The same, asked by `send('PUT /logs', {…})`. */
async function nodeWith(t: Pick<Test, 'teardown'>, plugins: Partial<PluginHost> = {}): Promise<Send> {
  const url = await nodeWithUrl(t, plugins)
  return async (request, body) => {
    const [method = 'GET', path = '/'] = request.split(' ')
    const response = await fetch(`${url}${path}`, {
      method,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    })
    const text = await response.text()
    const json: unknown = response.headers.get('content-type')?.includes('json')
      ? JSON.parse(text)
      : undefined
    return { status: response.status, headers: response.headers, text, json }
  }
}

t.test('a document can be put, read, found by any field, and replaced', async (t) => {
  const send = await nodeWith(t)
  t.equal((await send('PUT /logs')).status, 200)
  t.match(await send('PUT /logs/_doc/1', { text: 'red moon', by: { name: 'Ada' } }), {
    status: 201,
    json: { result: 'created' },
  })
  t.match(await send('POST /logs/_doc', { text: 'blue moon' }), { status: 201, json: { _index: 'logs' } })
  t.match((await send('GET /logs/_doc/1')).json, { found: true, _source: { by: { name: 'Ada' } } })
  const searches = [
    ['GET /logs/_search?q=moon', undefined, 2],
    ['GET /logs/_search?q=ada', undefined, 1],
    ['POST /logs/_search', { query: { match: { 'by.name': 'ada' } } }, 1],
    ['POST /logs/_search', { query: { match: { text: { query: 'red blue', operator: 'and' } } } }, 0],
    ['POST /logs/_search', { query: { match: { text: 'red blue' } } }, 2],
    ['POST /logs/_search', { query: { match_all: {} }, size: 1 }, 2],
    ['POST /logs/_search', { query: { match: { nowhere: 'moon' } } }, 0],
  ] as const
  for (const [request, body, total] of searches) {
    t.match(
      (await send(request, body)).json,
      { hits: { total: { value: total } } },
      `${request} ${JSON.stringify(body)}`,
    )
  }
  t.match(await send('PUT /logs/_doc/1', { text: 'green' }), { status: 200, json: { result: 'updated' } })
  t.match(
    (await send('GET /logs/_search?q=red')).json,
    { hits: { total: { value: 0 } } },
    'the old words are gone',
  )
})

t.test('a bulk writes each document by itself, in order', async (t) => {
  const url = await nodeWithUrl(t, {
    ingest: async (_type, _config, documents) => {
      if (documents.some(({ text }) => text === 'bad'))
        throw new PluginError('PLUGIN_CRASHED', { plugin: 'mark' })
      return documents.map((document) => (document['text'] === 'spam' ? null : { ...document, marked: true }))
    },
  })
  const bulk = async (path: string, lines: readonly (object | string)[], type = 'application/x-ndjson') => {
    const body = lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join('')
    const response = await fetch(url + path, { method: 'POST', body, headers: { 'content-type': type } })
    return { status: response.status, json: (await response.json()) as object }
  }
  const pipeline = await fetch(`${url}/_ingest/pipeline/marked`, {
    method: 'PUT',
    body: JSON.stringify({ processors: [{ mark: {} }] }),
    headers: { 'content-type': 'application/json' },
  })
  t.equal(pipeline.status, 200)
  const text = (words: string) => ({ text: words })
  const first = [{ index: { _id: '1' } }, text('red'), { index: { _index: 'other', _id: '2' } }, text('blue')]
  t.match(
    await bulk('/logs/_bulk', [...first, { index: { _id: '1' } }, text('green'), { index: {} }, text('x')]),
    {
      status: 200,
      json: {
        errors: false,
        items: [
          { index: { _index: 'logs', _id: '1', result: 'created', status: 201 } },
          { index: { _index: 'other', _id: '2', result: 'created', status: 201 } },
          { index: { _index: 'logs', _id: '1', result: 'updated', status: 200 } },
          { index: { _index: 'logs', _id: /./, status: 201 } },
        ],
      },
    },
  )
  const through = ['good', 'bad', 'spam', 'fine'].flatMap((word) => [{ index: { _id: word } }, text(word)])
  t.match(await bulk('/logs/_bulk?pipeline=marked', through), {
    status: 200,
    json: {
      errors: true,
      items: [
        { index: { _id: 'good', status: 201 } },
        { index: { _id: 'bad', status: 502, error: { type: 'plugin_crashed' } } },
        { index: { _id: 'spam', result: 'noop' } },
        { index: { _id: 'fine', status: 201 } },
      ],
    },
  })
  const get = async (id: string): Promise<object> =>
    (await (await fetch(`${url}/logs/_doc/${id}`)).json()) as object
  t.match(await get('1'), { _source: { text: 'green' } })
  t.match(await get('good'), { _source: { text: 'good', marked: true } })
  for (const id of ['bad', 'spam']) t.match(await get(id), { found: false }, id)

  const wrong: readonly (readonly [readonly (object | string)[], RegExp, string?])[] = [
    [[], /line/],
    [[{ index: {} }], /followed by/],
    [[{ delete: {} }, text('x')], /line 1 must be/],
    [[{ index: {} }, text('x')], /names no \[_index\]/, '/_bulk'],
    [[{ index: { _id: 1 } }, text('x')], /_id/],
    [[{ index: { _id: 'new' } }, 'no json'], /line 2/],
  ]
  for (const [lines, reason, path = '/logs/_bulk'] of wrong) {
    t.match(await bulk(path, lines), { status: 400, json: { error: { reason } } }, JSON.stringify(lines))
  }
  t.match(
    await bulk('/logs/_bulk', ['{}'], 'application/json'),
    { status: 400 },
    'one JSON object is no bulk',
  )
  t.match(await get('new'), { found: false }, 'a bulk with a fault writes nothing')
})

t.test('the cluster state follows what happens to indices', async (t) => {
  const send = await nodeWith(t)
  await send('PUT /logs', { mappings: { properties: { text: { type: 'text' } } } })
  await send('PUT /logs/_doc/1', { text: 'a', size: 3 })
  const { json } = await send('GET /_cluster/state')
  t.match(json, {
    version: 3,
    metadata: {
      indices: {
        logs: { version: 2, mappings: { properties: { text: { type: 'text' }, size: { type: 'double' } } } },
      },
    },
    routingTable: { indices: { logs: { shards: { '0': [{ state: 'STARTED', node: 'node-0' }] } } } },
  })
  await send('PUT /logs/_doc/2', { text: 'b', size: 4 })
  await send('PUT /logs/_mapping', { properties: { text: { type: 'text' } } })
  t.match((await send('GET /_cluster/state')).json, { version: 3 }, 'known fields change nothing')
  await send('DELETE /logs')
  t.match((await send('GET /_cluster/state')).json, { version: 4, routingTable: { version: 2 } })
  t.equal((await send('GET /logs')).status, 404)
})

t.test('a name that objects already have is an index like any other', async (t) => {
  const send = await nodeWith(t)
  for (const request of [
    'GET /constructor',
    'GET /constructor/_mapping',
    'GET /constructor/_search',
    'DELETE /constructor',
  ]) {
    t.match(
      await send(request),
      { status: 404, json: { error: { type: 'index_not_found_exception' } } },
      request,
    )
  }
  await send('PUT /constructor/_doc/1', { valueOf: 'moon' })
  t.match((await send('GET /constructor/_mapping')).json, {
    constructor: { mappings: { properties: { valueOf: {} } } },
  })
})

t.test('what cannot be done is said in the shape of OpenSearch', async (t) => {
  const send = await nodeWith(t)
  await send('PUT /logs')
  const cases = [
    ['PUT /logs', undefined, 400, 'resource_already_exists_exception', /logs/],
    ['PUT /Logs', undefined, 400, 'invalid_index_name_exception', /lowercase/],
    ['PUT /_logs', undefined, 400, 'invalid_index_name_exception', /start/],
    ['PUT /lo,gs', undefined, 400, 'invalid_index_name_exception', /characters/],
    [`PUT /${'l'.repeat(256)}`, undefined, 400, 'invalid_index_name_exception', /255 bytes/],
    [
      'PUT /more',
      { mapping: {} },
      400,
      'illegal_argument_exception',
      /\[mapping\]; known are settings, mappings/,
    ],
    ['DELETE /none', undefined, 404, 'index_not_found_exception', /\[none\]/],
    ['GET /none/_search', undefined, 404, 'index_not_found_exception', /\[none\]/],
    ['GET /logs/_search?size=x', undefined, 400, 'parsing_exception', /\[size\].*\[x\]/],
    ['GET /logs/_search?size=10001', undefined, 400, 'parsing_exception', /at most 10000/],
    [
      'POST /logs/_search',
      { query: { bool: {} } },
      400,
      'parsing_exception',
      /\[bool\]; this node knows match/,
    ],
    [
      'POST /logs/_search',
      { query: { match: { a: 'x', b: 'y' } } },
      400,
      'parsing_exception',
      /exactly one field/,
    ],
    ['POST /logs/_search', { sort: [] }, 400, 'parsing_exception', /\[sort\]/],
    ['POST /logs/_doc', [1], 400, 'parse_exception', /JSON object/],
    ['POST /logs/_doc?pipeline=none', {}, 400, 'illegal_argument_exception', /\[none\] does not exist/],
    ['PUT /_ingest/pipeline/p', { processors: [] }, 400, 'parse_exception', /\[processors\] must be a list/],
    [
      'PUT /_ingest/pipeline/p',
      { processors: [{ a: {}, b: {} }] },
      400,
      'parse_exception',
      /\[0\].*only key/,
    ],
    [
      'PUT /_ingest/pipeline/p',
      { processors: [{ nobody: {} }] },
      400,
      'illegal_argument_exception',
      /\[nobody\]/,
    ],
    ['GET /_ingest/pipeline/p', undefined, 404, 'resource_not_found_exception', /\[p\]/],
    ['GET /_plugins/_none', undefined, 404, 'extension_not_found', /no running plugin/],
    ['GET /a/b/c', undefined, 404, 'no_handler_found', /GET \/a\/b\/c/],
    ['GET /%zz', undefined, 400, 'parse_exception', /%zz/],
  ] as const
  for (const [request, body, status, type, reason] of cases) {
    const label = `${request.slice(0, 40)} ${JSON.stringify(body) ?? ''}`
    t.match(await send(request, body), { status, json: { error: { type, reason }, status } }, label)
  }
})

t.test('a plugin gets the request decoded, without credentials', async (t) => {
  const asked: RestCall[] = []
  const rest: PluginHost['rest'] = async (request) => {
    asked.push(request)
    return { status: 200, headers: {}, body: null }
  }
  const node = await nodeWithUrl(t, { rest })
  await fetch(`${node}/_plugins/_demo/a%20b?x=1&y=`, {
    method: 'POST',
    body: 'plain words',
    headers: {
      'content-type': 'text/plain',
      authorization: 'Bearer secret',
      cookie: 'session=secret',
      'x-own': 'kept',
    },
  })
  await fetch(`${node}/_plugins/_demo`, {
    method: 'PUT',
    body: new Uint8Array([0, 255]),
    headers: { 'content-type': 'image/png' },
  })
  t.match(asked[0], {
    method: 'POST',
    path: '/_plugins/_demo/a b',
    query: { x: '1', y: '' },
    body: 'plain words',
    headers: { 'x-own': 'kept' },
  })
  t.notMatch(JSON.stringify(asked[0]), /secret/)
  t.same(asked[1]?.body, new Uint8Array([0, 255]))
})

t.test('status, headers and every kind of body come back as the plugin gave them', async (t) => {
  async function* stream(): AsyncGenerator<Uint8Array> {
    for (const word of ['one ', 'two ', 'three']) yield new TextEncoder().encode(word)
  }
  const cases: readonly (readonly [Partial<RestReply>, Partial<Answer> & { readonly type?: RegExp }])[] = [
    [
      { status: 201, body: { a: [1] } },
      { status: 201, text: '{"a":[1]}', type: /^application\/json/ },
    ],
    [{ body: 'words' }, { status: 200, text: 'words', type: /^text\/plain/ }],
    [
      { body: '<p>', headers: { 'content-type': 'text/html' } },
      { text: '<p>', type: /^text\/html/ },
    ],
    [{ body: new TextEncoder().encode('bytes') }, { text: 'bytes', type: /octet-stream/ }],
    [{ body: stream() }, { text: 'one two three' }],
    [{ body: 7 }, { text: '7', type: /^application\/json/ }],
    [{ body: false }, { text: 'false', type: /^application\/json/ }],
    [{ status: 204 }, { status: 204, text: '' }],
    [{ status: 302, headers: { location: '/_cat/plugins' } }, { status: 302 }],
  ]
  for (const [given, { type, ...wanted }] of cases) {
    const url = await nodeWithUrl(t, {
      rest: async () => ({ status: 200, headers: {}, body: null, ...given }),
    })
    const response = await fetch(`${url}/_plugins/_demo`, { redirect: 'manual' })
    t.match({ status: response.status, text: await response.text() }, wanted, JSON.stringify(given))
    if (type !== undefined) t.match(response.headers.get('content-type'), type)
  }
})

t.test('headers that belong to the connection stay with the node', async (t) => {
  const headers = {
    'content-length': '1',
    connection: 'close',
    'transfer-encoding': 'gzip',
    upgrade: 'x',
    'x-own': 'kept',
  }
  const url = await nodeWithUrl(t, { rest: async () => ({ status: 200, headers, body: 'whole' }) })
  const response = await fetch(`${url}/_plugins/_demo`)
  t.equal(await response.text(), 'whole')
  t.equal(response.headers.get('x-own'), 'kept')
  t.equal(response.headers.get('upgrade'), null)
})

t.test('a header that would split the response is the plugin’s failure, not the node’s', async (t) => {
  const url = await nodeWithUrl(t, {
    rest: async () => ({ status: 200, headers: { 'x-own': 'a\r\nset-cookie: b' }, body: 'x' }),
  })
  const response = await fetch(`${url}/_plugins/_demo`)
  t.equal(response.status, 502)
  t.equal(response.headers.get('set-cookie'), null)
  t.equal((await fetch(url)).status, 200)
})

t.test('a failing plugin is told apart from a failing request by the status', async (t) => {
  const cases = [
    ['CALL_TIMEOUT', 504],
    ['PLUGIN_NOT_RUNNING', 503],
    ['PLUGIN_CRASHED', 502],
    ['QUEUE_FULL', 429],
    ['ACCESS_DENIED', 403],
  ] as const
  for (const [code, status] of cases) {
    const send = await nodeWith(t, {
      rest: async () => {
        throw new PluginError(code)
      },
    })
    t.match(
      await send('GET /_plugins/_demo'),
      { status, json: { error: { type: code.toLowerCase() }, status } },
      code,
    )
  }
})

t.test('a pipeline runs its processors in order, may drop a document and may ignore a failure', async (t) => {
  const ingest = (async (type: string, config: { readonly to?: string }, documents: readonly object[]) => {
    if (type === 'fails' && documents.length > 0) throw new PluginError('PLUGIN_CRASHED')
    return documents.map((document) =>
      type === 'drops' ? null : { ...document, [type]: config.to ?? 'done' },
    )
  }) as PluginHost['ingest']
  const send = await nodeWith(t, { ingest })
  await send('PUT /_ingest/pipeline/sets', {
    processors: [{ one: { to: 'x' } }, { fails: { ignore_failure: true } }, { two: {} }],
  })
  await send('PUT /_ingest/pipeline/fails', { processors: [{ fails: {} }] })
  await send('PUT /_ingest/pipeline/drops', { processors: [{ drops: {} }] })
  t.equal((await send('PUT /logs/_doc/1?pipeline=sets', { text: 'a' })).status, 201)
  t.same((await send('GET /logs/_doc/1')).json, {
    _index: 'logs',
    _id: '1',
    found: true,
    _source: { text: 'a', one: 'x', two: 'done' },
  })
  t.equal((await send('PUT /logs/_doc/2?pipeline=fails', { text: 'b' })).status, 502)
  t.match((await send('PUT /logs/_doc/3?pipeline=drops', { text: 'c' })).json, { result: 'noop' })
  t.match((await send('GET /_cat/indices?format=json')).json, [{ index: 'logs', 'docs.count': '1' }])
})
