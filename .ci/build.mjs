// Builds dist/: tsc for everything, then esbuild makes each worker entry one file of its own,
// because a plugin thread gets its code as text and reads no file (docs/architecture.md).
import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import { setup } from './setup.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))

/** What undici's fetch asks of Node and of undici's clients, and its own file for them here. */
const UNDICI_PARTS =
  /^(?:node:(?:http|net|stream|util|util\/types)|\.\.\/\.\.\/global|\.\.\/util\/timers|\.\.\/\.\.\/util\/runtime-features(?:\.js)?)$/
const undiciParts = {
  name: 'undici-parts',
  setup: (esbuild) =>
    esbuild.onResolve({ filter: UNDICI_PARTS }, ({ importer }) =>
      importer.includes(join('node_modules', 'undici'))
        ? { path: join(root, 'dist/workers/builtins/web/undici-parts.js') }
        : undefined,
    ),
}
const web = {
  platform: 'neutral',
  // Left to `require` of the script, which leads to the plugin's own built-ins.
  external: ['node:*'],
  inject: [join(root, 'dist/workers/builtins/web/names.js')],
  keepNames: true,
  define: { __UNDICI_IS_NODE__: 'true' },
  plugins: [undiciParts],
}

export async function build() {
  setup()
  execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', root], {
    stdio: ['ignore', 2, 2],
  })
  const { build: esbuild } = await import('esbuild')
  const shared = {
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    legalComments: 'none',
    minifyWhitespace: true,
    logLevel: 'warning',
  }
  const entries = [
    // Evaluated as a script of a worker: wrapped, so that its names are no globals.
    ['workers/plugin.js', 'workers/plugin-thread.cjs', { format: 'iife' }],
    ['workers/audit-thread.js', 'workers/audit-thread.cjs', { format: 'iife' }],
    ['workers/host.js', 'workers/plugin-host.cjs', {}],
    ['workers/builtins/index.js', 'workers/builtins.cjs', { platform: 'neutral', mainFields: ['main'] }],
    ['workers/builtins/web/index.js', 'workers/web.cjs', web],
  ]
  for (const [from, to, more] of entries) {
    const entry = join(root, 'dist', from)
    if (!existsSync(entry)) continue
    await esbuild({ ...shared, ...more, entryPoints: [entry], outfile: join(root, 'dist', to) })
  }
  const bin = join(root, 'dist/lib/cli/main.js')
  if (existsSync(bin)) chmodSync(bin, 0o755)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await build()
