// npm test: builds what a fresh clone lacks, checks the sources, then runs tap over the build.
// Arguments go to tap: `npm test -- dist/test/rpc/*.test.js`. BULKHEAD_NO_CHECK=1 leaves the checks out.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from './build.mjs'
import { setupPlugins } from './start.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
await build()
setupPlugins()
if (process.env.BULKHEAD_NO_CHECK !== '1') {
  const { check } = await import('./check.mjs')
  if (!(await check())) process.exit(1)
}
const tap = spawnSync(
  process.execPath,
  [join(root, 'node_modules/tap/dist/esm/run.mjs'), ...process.argv.slice(2)],
  {
    cwd: root,
    stdio: 'inherit',
  },
)
process.exit(tap.status ?? 1)
