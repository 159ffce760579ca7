/**
 * A search node that host-death.test.ts kills: three plugins, one idle, one with a
 * call that never ends, one in an endless loop. Prints the processes of its plugins
 * as one line of JSON, then waits for its end.
 */
import { startPlugins } from './start-plugins.js'

const never = `export default { rest: [{ method: 'GET', path: '/never', handle: () => new Promise(() => {}) }] }`
const loop = `export default { rest: [{ method: 'GET', path: '/loop', handle() { for (;;); } }] }`

const plugins = await startPlugins({
  plugins: { idle: 'export default {}', waiting: never, looping: loop },
  limits: { blockedMs: 60_000, callTimeoutMs: 60_000 },
})
void plugins.service.rest({ method: 'GET', path: '/never' })
void plugins.service.rest({ method: 'GET', path: '/loop' })
const pids = ['idle', 'waiting', 'looping'].map((name) => plugins.info(name).pid)
// The calls are on their way once the loop has turned.
setTimeout(() => process.stdout.write(`${JSON.stringify(pids)}\n`), 100)
setInterval(() => undefined, 60_000)
