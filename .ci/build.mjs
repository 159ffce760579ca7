// Builds dist/: tsc for everything, then esbuild makes each worker entry one file of its own,
// because a plugin thread gets its code as text and reads no file (docs/architecture.md).
import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import { setup } from './setup.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))

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
