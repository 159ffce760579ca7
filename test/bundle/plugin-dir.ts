/** Plugins on disk for the bundler's tests, and a way to run what it makes. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { runInThisContext } from 'node:vm'
import { bundlePlugin, type Bundle, type BundleOptions } from '../../lib/bundle/bundle.js'
import { PluginError, type Fault } from '../../lib/errors.js'

export interface Place {
  /** Parent of the plugin's directory: what no plugin may read. */
  readonly outside: string
  readonly dir: string
  readonly cacheDir: string
}

/** A fresh plugin directory with these files, removed at the end of the test. */
export function place(
  t: { readonly teardown: (run: () => void) => unknown },
  files: { readonly [path: string]: string },
): Place {
  const outside = realpathSync(mkdtempSync(join(tmpdir(), 'bundle-test-')))
  t.teardown(() => rmSync(outside, { recursive: true, force: true }))
  const dir = join(outside, 'plugin')
  mkdirSync(dir)
  for (const [path, text] of Object.entries(files)) write(join(dir, path), text)
  return { outside, dir, cacheDir: join(outside, 'cache') }
}

export function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}

export function bundleOf(
  { dir, cacheDir }: Place,
  main: string,
  more: Partial<BundleOptions> = {},
): Promise<Bundle> {
  return bundlePlugin({ dir, main, name: 'demo', cacheDir, ...more })
}

/** What the plugin's code gives when it is run as Bulkhead runs it: a function of module, exports and require. */
export function run(
  bundle: Bundle,
  modules: { readonly [name: string]: unknown } = {},
): { readonly [key: string]: unknown } {
  const script = Buffer.from(bundle.code).toString('utf8')
  const wrapped = runInThisContext(`(function (module, exports, require) {${script}\n})`, {
    filename: 'bulkhead-plugin/demo.js',
  }) as (module: { exports: unknown }, exports: unknown, require: (name: string) => unknown) => void
  const module = { exports: {} }
  wrapped(module, module.exports, (name) => {
    if (Object.hasOwn(modules, name)) return modules[name]
    throw new Error(`no module ${name}`)
  })
  return module.exports
}

/** Faults of a bundling that must fail. */
export async function faultsOf(
  bundling: Promise<Bundle>,
): Promise<{ readonly faults: readonly Fault[]; readonly text: string }> {
  const error: unknown = await bundling.then(
    () => new Error('it was bundled'),
    (reason: unknown) => reason,
  )
  if (!(error instanceof PluginError) || error.code !== 'BUNDLE_FAILED') throw error
  return {
    faults: error.detail['faults'] as readonly Fault[],
    text: `${error.message}\n${error.stack ?? ''}\n${JSON.stringify(error.detail)}\n${String(error.cause)}`,
  }
}
