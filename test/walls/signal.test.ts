// SIGUSR1 does not open the inspector of a node with plugins, and does not end the node after they have gone.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import t from 'tap'

const NODE = fileURLToPath(new URL('./signal-node.js', import.meta.url))

for (const [mode, expected, promise] of [
  ['hold', 'closed', 'a node with plugins ignores SIGUSR1'],
  ['stopped', 'closed', 'and goes on ignoring it when the service has stopped'],
  ['allow', 'open', 'allowInspector leaves the signal to Node'],
] as const) {
  t.test(promise, { timeout: 30_000 }, (t) => {
    const { stdout, signal } = spawnSync(process.execPath, ['--inspect-port=0', NODE, mode])
    t.equal(signal, null, 'the node lives')
    t.equal(stdout.toString(), expected, 'its inspector')
    t.end()
  })
}
