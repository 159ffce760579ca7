// What a plugin tries to do to the node without a grant has no effect: not ending it, not signalling it, not
// its environment, not its files, not another plugin's, and no object it is given leads to code outside.
import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { MockCluster } from '../../lib/testing/mock-cluster.js'
import { runPlugin, type RunningPlugin, type RunPluginOptions } from '../../lib/testing/run-plugin.js'
import { CHAINS } from './chains.js'
import { ESCAPEE, RUNNER, type ChainResult } from './escapee.js'

t.setTimeout(90_000)

const CANARY = 'BULKHEAD_TEST_CANARY'
const CANARY_VALUE = 'a value that no plugin may read'
process.env[CANARY] = CANARY_VALUE

type Isolation = NonNullable<RunPluginOptions['isolation']>

/** Expressions that a plugin evaluates; each must end in a refusal and leave the node as it was. */
const REFUSED: readonly (readonly [name: string, expression: string, refusal: RegExp])[] = [
  ['process.exit', 'process.exit(1)', /ERR_ACCESS_DENIED/],
  ['process.reallyExit', 'process.reallyExit(1)', /ERR_ACCESS_DENIED/],
  ['process.abort', 'process.abort()', /ERR_ACCESS_DENIED/],
  ['process.kill of the node', `process.kill(${process.pid}, 'SIGUSR2')`, /ERR_ACCESS_DENIED/],
  ['SIGUSR1 to the node', `process.kill(${process.pid}, 'SIGUSR1')`, /ERR_ACCESS_DENIED/],
  ['SIGUSR2 to its parent', `process.kill(process.ppid, 'SIGUSR2')`, /ERR_ACCESS_DENIED/],
  ['process.dlopen', `process.dlopen({ exports: {} }, '/lib/anything.so')`, /ERR_ACCESS_DENIED/],
  ['process.binding', `process.binding('fs')`, /ERR_ACCESS_DENIED/],
  ['process.getBuiltinModule', `process.getBuiltinModule('fs')`, /ERR_ACCESS_DENIED/],
  ['process.chdir', `process.chdir('/')`, /ERR_ACCESS_DENIED/],
  ['process.mainModule', `process.mainModule.require('fs')`, /TypeError/],
  ['require of a name made at run time', `require(['v', 'm'].join(''))`, /ERR_MODULE_DENIED/],
  [
    'require of a path',
    `require(String(${JSON.stringify(join(process.cwd(), 'package.json'))}))`,
    /ERR_MODULE_DENIED/,
  ],
  ['require of a path above', `require('../'.repeat(10) + 'etc/passwd')`, /ERR_MODULE_DENIED/],
  [
    'import() made by Function',
    `Function("return import('node:fs')")()`,
    /SyntaxError|possible import expression/,
  ],
  ['import() made by eval', `(0, eval)("import('node:fs')")`, /SyntaxError|possible import expression/],
  [
    'import() of a data URL',
    `Function("return import('data:text/javascript,export default 1')")()`,
    /SyntaxError/,
  ],
  ['new Worker', `new Worker('0', { eval: true })`, /TypeError|ReferenceError/],
  ['fetch', `fetch('http://127.0.0.1:9229/json')`, /TypeError|ReferenceError/],
  ['WebAssembly', `new WebAssembly.Memory({ initial: 1 })`, /TypeError|ReferenceError/],
  [
    'a change of Object.prototype',
    `(Object.prototype.polluted = 1, ({}).polluted ?? (() => { throw new TypeError('unchanged') })())`,
    /TypeError/,
  ],
]

const expressions = REFUSED.map(([, expression]) => `() => (${expression})`).join(',\n')
const TRYING = `
const expressions = [${expressions}]
export default { rest: [
  { method: 'POST', path: '/try/{index}', handle: async (request) => ({ body: { value: String(await expressions[request.params.index]()) } }) },
  { method: 'GET', path: '/environment', handle: () => ({ body: { own: { ...process.env }, all: JSON.stringify([process, globalThis.process.env, Function('return process.env')()]) } }) },
  { method: 'GET', path: '/cwd', handle: () => ({ body: process.cwd() }) },
] }`

async function start(t: Test, options: RunPluginOptions): Promise<RunningPlugin> {
  const plugin = await runPlugin({ restart: { initialMs: 1, maxMs: 2, maxCrashes: 1000 }, ...options })
  t.teardown(() => plugin.stop())
  return plugin
}

for (const isolation of ['process', 'thread'] as const satisfies readonly Isolation[]) {
  t.test(
    `${isolation}: nothing a plugin calls ends, signals or opens the node`,
    { timeout: 60_000 },
    async (t) => {
      const plugin = await start(t, { isolation, source: TRYING })
      const { pid, threadId } = plugin.info()
      const signals: string[] = []
      const note = (signal: string): void => void signals.push(signal)
      process.on('SIGUSR2', note)
      t.teardown(() => process.off('SIGUSR2', note))
      for (const [index, [name, , refusal]] of REFUSED.entries()) {
        const error = await plugin.rest({ method: 'POST', path: `/try/${index}` }).then(
          ({ body }) => ({ code: 'none', message: `it gave ${JSON.stringify(body)}` }),
          (thrown: { readonly code: string; readonly message: string }) => thrown,
        )
        t.equal(error.code, 'PLUGIN_ERROR', `${name} throws in the plugin`, { error })
        t.match(error.message, refusal, `${name} is refused by name`)
      }
      t.match(plugin.info(), { pid, threadId, state: 'running', restarts: 0 }, 'the plugin was never ended')
      t.same(signals, [], 'no signal arrived')
      t.equal(Reflect.get({}, 'polluted'), undefined, "the node's Object.prototype is as it was")
    },
  )

  t.test(
    `${isolation}: the environment and the directory of the node stay its own`,
    { timeout: 30_000 },
    async (t) => {
      const plugin = await start(t, { isolation, source: TRYING })
      const { body } = await plugin.rest({ method: 'GET', path: '/environment' })
      t.same((body as { own: unknown }).own, {}, 'no variable without a grant')
      t.notOk(JSON.stringify(body).includes(CANARY_VALUE), 'the canary is nowhere')
      t.equal(
        (await plugin.rest({ method: 'GET', path: '/cwd' })).body,
        '/plugin',
        'nor where the node stands',
      )

      const granted = await start(t, {
        isolation,
        source: TRYING,
        policy: { grant: { extensionPoints: ['rest:/**'], env: [CANARY] } },
      })
      const { body: seen } = await granted.rest({ method: 'GET', path: '/environment' })
      t.same((seen as { own: unknown }).own, { [CANARY]: CANARY_VALUE }, 'a granted variable is there, alone')
    },
  )

  t.test(`${isolation}: no chain of constructors leads out`, { timeout: 60_000 }, async (t) => {
    const cluster = new MockCluster({ nodes: 2, indices: { logs: { shards: 1 } } })
    const plugin = await start(t, {
      isolation,
      cluster,
      source: ESCAPEE,
      settings: { search: { size: 10 } },
      policy: {
        grant: { extensionPoints: ['rest:/**'], clusterState: { read: ['**'] }, settings: ['search.*'] },
        limits: { blockedMs: 20_000, callTimeoutMs: 30_000 },
      },
    })
    await cluster.createIndex('metrics')
    await plugin.settled()
    await plugin.rest({ method: 'POST', path: '/thenable' })
    await plugin.rest({ method: 'POST', path: '/to-json' })
    const { body } = await plugin.rest({ method: 'POST', path: '/chains', body: chunks() })
    const results = body as unknown as readonly ChainResult[]
    t.equal(results.length, CHAINS.length, `${results.length} chains were climbed`)
    for (const { name, reached, seen, makers } of results) {
      t.same(reached, [], `${name}: ${seen} objects and ${makers} functions, no way out`)
      t.ok(seen > 0, `${name}: there was something to climb from`)
    }
    t.equal(plugin.info().state, 'running')
  })
}

t.test('the chains are ways out where no wall stands', { timeout: 60_000 }, (t) => {
  const given = `{ context: { log: { info() {} } }, request: { method: 'GET' } }`
  // One of the chains ends the process, as it should where no wall stands; the others still have to run.
  const spared = 'const exit = process.exit; process.exit = () => { throw new Error() };'
  const script = `${spared} ${RUNNER}; run(${given}).then((results) => process.stdout.write('\\nRESULTS' + JSON.stringify(results), () => exit()))`
  const { stdout } = spawnSync(process.execPath, [
    '--unhandled-rejections=none',
    '--no-warnings',
    '-e',
    script,
  ])
  const results = JSON.parse(stdout.toString().split('\nRESULTS')[1] ?? '[]') as readonly ChainResult[]
  const open = results.filter(({ reached }) => reached.length > 0)
  t.ok(open.length > CHAINS.length / 2, `${open.length} of ${CHAINS.length}: ${open[0]?.reached[0] ?? ''}`)
  t.end()
})

const MODULES: readonly string[] = [
  'dgram',
  'child_process',
  'worker_threads',
  'inspector',
  'vm',
  'v8',
  'module',
  'trace_events',
]

t.test('a plugin that imports a module that no grant opens does not load', { timeout: 60_000 }, async (t) => {
  for (const module of MODULES) {
    for (const line of [`import * as it from '${module}'`, `const it = require('${module}')`]) {
      const source = `${line}\nexport default { rest: [], start() { return it } }`
      const error = await runPlugin({ source }).then(
        async (plugin) => {
          await plugin.stop()
          return { code: 'none', message: 'it loaded' }
        },
        (thrown: { readonly code: string; readonly message: string }) => thrown,
      )
      t.equal(error.code, 'MODULE_DENIED', line)
      t.ok(error.message.includes(module.replace('node:', '')), `${line}: the error names the module`)
      t.match(error.message, /never available/, `${line}: and that nothing opens it`)
    }
  }
})

t.test("another plugin's files and the node's own are in no bundle", { timeout: 60_000 }, async (t) => {
  const other = await mkdtemp(join(tmpdir(), 'bulkhead-other-'))
  t.teardown(() => rm(other, { recursive: true }))
  const secret = join(other, 'secret.json')
  await writeFile(secret, JSON.stringify({ canary: CANARY_VALUE }))
  for (const line of [
    `import it from ${JSON.stringify(secret)}`,
    `import it from '../../../../../../../..${secret}'`,
    `const it = require(${JSON.stringify(secret)})`,
    `const it = await import(${JSON.stringify(secret)})`,
    `const it = await import(${JSON.stringify(`file://${secret}`)})`,
    `import it from ${JSON.stringify(join(process.cwd(), 'package.json'))}`,
  ]) {
    const source = `${line}\nexport default { start(context) { context.log.info(it) } }`
    const outcome = await runPlugin({ source }).then(
      async (plugin) => {
        await plugin.stop()
        return { code: 'none', text: JSON.stringify(plugin.logs) }
      },
      (error: { readonly code: string; readonly message: string; readonly detail: unknown }) => ({
        code: error.code,
        text: error.message + JSON.stringify(error.detail),
      }),
    )
    t.match(outcome.code, /BUNDLE_FAILED|MODULE_DENIED|PLUGIN_START_FAILED/, line)
    t.notOk(outcome.text.includes(CANARY_VALUE), 'and nothing of the file is in the error')
  }
})

async function* chunks(): AsyncGenerator<Uint8Array> {
  for (let count = 0; count < 4; count++) yield new Uint8Array(16).fill(count)
}
