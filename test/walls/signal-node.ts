/**
 * A node that is sent SIGUSR1, for signal.test.ts: `hold`, `allow` (allowInspector) or
 * `stopped` (after the service has ended). Prints whether its inspector listens.
 */
import * as inspector from 'node:inspector'
import { startPlugins } from '../containment/start-plugins.js'

const [mode] = process.argv.slice(2)
const plugins = await startPlugins({
  plugins: { plain: 'export default {}' },
  allowInspector: mode === 'allow',
})
if (mode === 'stopped') await plugins.stop()
process.kill(process.pid, 'SIGUSR1')
// The inspector starts on a thread of its own; nothing says when it would have.
for (let look = 0; look < 50 && inspector.url() === undefined; look++) {
  await new Promise((resolve) => setTimeout(resolve, 10))
}
process.stdout.write(inspector.url() === undefined ? 'closed' : 'open')
if (mode !== 'stopped') await plugins.stop()
