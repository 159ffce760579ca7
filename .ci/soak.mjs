// npm run soak: builds, then runs the example node under load and chaos; docs/soak.md says how to read it.
// Arguments go to it: --minutes N, --seed N, --json FILE.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { build } from './build.mjs'
import { setupPlugins } from './start.mjs'

await build()
setupPlugins()
const main = fileURLToPath(new URL('../dist/test/soak/main.js', import.meta.url))
const child = spawn(process.execPath, [main, ...process.argv.slice(2)], { stdio: 'inherit' })
process.on('SIGINT', () => {}) // the terminal sends it to both; the soak decides when it is over
process.on('SIGTERM', () => child.kill('SIGTERM'))
child.on('exit', (code) => (process.exitCode = code ?? 1))
