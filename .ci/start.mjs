// npm start: from a fresh clone to the running example. Arguments are passed on: npm start -- --help
import { spawn } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from './build.mjs'
import { setup } from './setup.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const plugins = join(root, 'examples/plugins')

/** Installs the npm packages of every example plugin that has some. */
export function setupPlugins() {
  for (const name of readdirSync(plugins)) {
    const dir = join(plugins, name)
    if (existsSync(join(dir, 'package-lock.json'))) setup(dir)
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    await build()
    setupPlugins()
  } catch (error) {
    console.error(`npm start could not get ready: ${error.message}`) // what failed has said why above
    process.exit(1)
  }
  const main = join(root, 'dist/examples/search-node/main.js')
  const child = spawn(process.execPath, [main, ...process.argv.slice(2)], { stdio: 'inherit' })
  // The terminal sends Ctrl-C to both; the example decides when it is over.
  process.on('SIGINT', () => {})
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 1
    if (signal !== null) console.error(`the example was ended by ${signal}`)
  })
}
