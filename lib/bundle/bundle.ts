/**
 * A plugin's directory -> one script with its digest, source map and the built-ins
 * it asks for. The work is done in a child (child.ts, workers/bundler.ts) or was
 * done before (cache.ts); nothing of the plugin runs here.
 */
import { realpath } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { PluginError, type Fault } from '../errors.js'
import type { BundleFault, ModuleUse } from '../protocol/bundle-wire.js'
import { entryPath, readEntry, sha256, writeEntry, type CachedBundle } from './cache.js'
import { runBundler, type ChildResult } from './child.js'
import { DEFAULT_BUNDLE_LIMITS, type BundleLimits } from './limits.js'

export interface BundleOptions {
  /** The plugin's directory. */
  readonly dir: string
  /** Entry module, relative to `dir`. */
  readonly main: string
  readonly name: string
  /** Directory for finished bundles; made when missing. No plugin may write there. */
  readonly cacheDir: string
  readonly limits?: Partial<BundleLimits>
}

export interface Bundle {
  /** A script in CommonJS form, to be wrapped in a function of `module`, `exports` and `require`. */
  readonly code: Uint8Array
  /** Of `code`: `sha256-` and base64. */
  readonly sha256: string
  /** Source map v3 as JSON, sources relative to the plugin's directory, no source text. */
  readonly map: string
  readonly modules: readonly ModuleUse[]
}

/** Another esbuild may print another script; asked from its manifest, because the host never loads esbuild itself. */
const ESBUILD = (createRequire(import.meta.url)('esbuild/package.json') as { readonly version: string })
  .version

/** @throws PluginError `BUNDLE_FAILED`; `detail.faults` names plugin-relative places and no path of the host */
export async function bundlePlugin(options: BundleOptions): Promise<Bundle> {
  const { main, name, cacheDir } = options
  const limits = { ...DEFAULT_BUNDLE_LIMITS, ...options.limits }
  const dir = await realpath(options.dir).catch(() => {
    throw failed(name, [
      general('the plugin directory cannot be read', 'check that it exists and may be read'),
    ])
  })
  const entry = entryPath(cacheDir, [dir, main, name, limits.bytes, limits.files, ESBUILD, process.version])
  const known = await readEntry(entry, dir)
  if (known !== undefined) return finished(known)
  const job = { dir, main, name, maxBytes: limits.bytes, maxFiles: limits.files }
  const fresh = answered(name, await runBundler(job, limits.timeMs), limits)
  await writeEntry(entry, fresh)
  return finished(fresh)
}

function finished({ code, map, modules }: CachedBundle): Bundle {
  const bytes = new TextEncoder().encode(code)
  return { code: bytes, sha256: sha256(bytes), map, modules }
}

function answered(name: string, result: ChildResult, limits: BundleLimits): CachedBundle {
  switch (result.end) {
    case 'answered':
      if (result.answer.ok) return result.answer
      throw failed(name, result.answer.faults)
    case 'too-slow':
      throw failed(name, [
        general(
          `bundling took longer than ${limits.timeMs} ms`,
          'import less or simpler code, or raise the limit',
        ),
      ])
    case 'too-much':
      throw failed(name, [general('the script is too large', 'import less')])
    case 'died':
      throw failed(name, [general('the bundler ended early', 'make the code smaller or simpler')])
  }
}

function general(message: string, remedy: string): BundleFault {
  return { file: 'plugin.json', line: 0, column: 0, message, remedy }
}

function failed(plugin: string, faults: readonly BundleFault[]): PluginError {
  return new PluginError('BUNDLE_FAILED', { plugin, faults: faults.map(faultOf) })
}

function faultOf({ file, line, column, message, remedy }: BundleFault): Fault {
  const place = line === 0 ? file : column === 0 ? `${file}:${line}` : `${file}:${line}:${column}`
  return { code: 'BUNDLE_FAILED', file: place, pointer: '', message, remedy }
}
