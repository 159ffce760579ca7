// npm run attack:escape: builds, then tries every way out of a plugin that test/escape knows.
// Arguments go to it: --chapter NAME, --verbose, --json.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { build } from './build.mjs'

await build()
const main = fileURLToPath(new URL('../dist/test/escape/main.js', import.meta.url))
const { status } = spawnSync(process.execPath, [main, ...process.argv.slice(2)], { stdio: 'inherit' })
process.exit(status ?? 1)
