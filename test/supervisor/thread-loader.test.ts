// A thread's script comes with what V8 made of it before. A thread of the same Node takes that as it is; bytes that
// do not fit are refused, and the plugin starts all the same.
import { Worker } from 'node:worker_threads'
import t from 'tap'
import { nodeLaunchPowers } from '../../lib/launch/launch-powers.js'
import { hostScript } from '../../lib/launch/scripts.js'
import { nodeVersion } from '../../lib/node-powers.js'
import { DEFAULT_LIMITS } from '../../lib/policy/document.js'
import {
  THREAD_LOADER,
  THREAD_SCRIPT_NAME,
  threadSettings,
  workerOptions,
} from '../../lib/supervisor/worker-options.js'
import { startPlugins } from '../containment/start-plugins.js'

const PERMISSIONS = { read: [], write: [], network: false }
const options = workerOptions(
  threadSettings('demo', DEFAULT_LIMITS, PERMISSIONS, { nodeVersion, hostScript }),
)

/** What a script in a worker with a plugin's own settings posts. */
function answerOf(script: string, workerData: object): Promise<unknown> {
  const worker = new Worker(script, { ...options, workerData })
  return new Promise((resolve, reject) => {
    worker.once('message', (value) => void worker.terminate().then(() => resolve(value)))
    worker.once('error', reject)
  })
}

const { threadCode, threadCache } = nodeLaunchPowers()
const code = Buffer.from(threadCode).toString('utf8')

t.test('a thread takes the cache', async (t) => {
  const script = `
    const { Script } = require('node:vm')
    const { parentPort, workerData } = require('node:worker_threads')
    const { code, cache } = workerData
    const { cachedDataRejected } = new Script(code, { cachedData: cache, filename: '${THREAD_SCRIPT_NAME}' })
    parentPort.postMessage(cachedDataRejected)`
  t.equal(await answerOf(script, { code, cache: threadCache() }), false)
  t.equal(
    await answerOf(script, { code: `${code} `, cache: threadCache() }),
    true,
    'and not for another script',
  )
})

t.test('the loader runs the script in the realm itself, and leaves no name there', async (t) => {
  const names = `['Script', 'code', 'cache'].filter((name) => { try { return eval(name) !== undefined } catch { return false } })`
  const script = `require('node:worker_threads').parentPort.postMessage([globalThis === this, ${names}])`
  t.same(await answerOf(THREAD_LOADER, { code: script, cache: new Uint8Array() }), [true, []])
})

t.test('a plugin starts without a cache that fits', async (t) => {
  const launch = { ...nodeLaunchPowers(), threadCache: () => new Uint8Array(100).fill(7) }
  const source = `export default { rest: [{ method: 'GET', path: '/here', handle: () => ({ body: 'here' }) }] }`
  const plugins = await startPlugins({ plugins: { demo: source }, launch })
  t.teardown(() => plugins.stop())
  t.equal((await plugins.service.rest({ method: 'GET', path: '/here' })).body, 'here')
})
