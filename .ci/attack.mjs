// npm run attack: builds, then runs every attack of lib/attack three times, as `bulkhead attack --runs 3` does.
// npm run attack:escape: the same for every way out of a plugin that test/escape knows.
// Further arguments go to them: --chapter NAME, --json; `npm run attack -- DIR`.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { build } from './build.mjs'

const [suite, ...rest] = process.argv.slice(2)
const script = suite === 'escape' ? 'test/escape/main.js' : 'lib/cli/main.js'
const before = suite === 'escape' ? [] : ['attack', '--runs', '3']

await build()
const path = fileURLToPath(new URL(`../dist/${script}`, import.meta.url))
const { status } = spawnSync(process.execPath, [path, ...before, ...rest], { stdio: 'inherit' })
process.exit(status ?? 1)
