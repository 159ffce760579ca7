/**
 * A plugin of plugins/ with its npm packages, bundled and run as the product does it: the
 * packages are copied from this repository's node_modules into the plugin's own.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Json } from 'bulkhead/plugin'
import { runPlugin, type RunningPlugin, type RunPluginOptions, type TestPolicy } from 'bulkhead/testing'
import type { Stops } from './servers/child.js'

const root = fileURLToPath(new URL('../../../', import.meta.url))

export interface ClientOptions {
  /** Name of the file in plugins/. */
  readonly client: string
  readonly packages: readonly string[]
  /** `host:port` of what it may connect to. */
  readonly endpoints: readonly string[]
  readonly limits?: TestPolicy['limits']
  readonly isolation?: RunPluginOptions['isolation']
}

export interface ClientPlugin extends RunningPlugin {
  /** What the case of that name gives, or its error. */
  run(name: string, facts: unknown): Promise<unknown>
}

/** Ends with the test. */
export async function startClient(t: Stops, options: ClientOptions): Promise<ClientPlugin> {
  const dir = pluginDir(t, options)
  const { endpoints, limits = {}, isolation = 'process' } = options
  const plugin = await runPlugin({
    dir,
    isolation,
    policy: {
      grant: {
        extensionPoints: ['rest:/**'],
        ...(endpoints.length === 0 ? {} : { net: { connect: [...endpoints] } }),
      },
      // Generous: how long a call takes on a busy machine is not what these tests are about.
      limits: { callTimeoutMs: 30_000, startTimeoutMs: 30_000, blockedMs: 10_000, ...limits },
    },
  })
  t.teardown(() => plugin.stop())
  return {
    ...plugin,
    run: async (name, facts) =>
      (
        await plugin.rest({
          method: 'POST',
          path: `/${name}`,
          body: JSON.parse(JSON.stringify(facts)) as Json,
        })
      ).body,
  }
}

/** The plugin on disk as its author would have it, `npm install` done. */
function pluginDir(t: Stops, { client, packages }: ClientOptions): string {
  const parent = mkdtempSync(join(tmpdir(), 'bulkhead-client-'))
  t.teardown(() => rmSync(parent, { recursive: true, force: true }))
  const dir = join(parent, client)
  const sources = join(root, 'test/clients/plugins')
  for (const file of [`${client}.ts`, 'serve-cases.ts']) cpSync(join(sources, file), join(dir, file))
  const descriptor = {
    name: `${client}-client`,
    version: '1.0.0',
    description: `the cases of ${client}`,
    main: `${client}.ts`,
    searchNode: '*',
  }
  writeFileSync(join(dir, 'plugin.json'), JSON.stringify(descriptor))
  for (const place of installedPlaces(packages)) {
    cpSync(join(root, place), join(dir, place), { recursive: true, filter: isCode })
  }
  return dir
}

/** Declarations and maps are half of the files, and no bundler reads them. */
function isCode(path: string): boolean {
  return !/dist-types|\.d\.[cm]?ts$|\.map$/.test(path)
}

interface Locked {
  readonly dependencies?: Readonly<Record<string, string>>
}

/** Directories of packages and of all that they need, by Node's rule of the nearest `node_modules`. */
function installedPlaces(packages: readonly string[]): readonly string[] {
  const lock = join(root, 'node_modules/.package-lock.json')
  const { packages: locked } = JSON.parse(readFileSync(lock, 'utf8')) as {
    readonly packages: Readonly<Record<string, Locked>>
  }
  const places = new Set<string>()
  const add = (name: string, from: string): void => {
    const place = nearest(name, from, locked)
    if (place === undefined || places.has(place)) return
    places.add(place)
    for (const needed of Object.keys(locked[place]?.dependencies ?? {})) add(needed, place)
  }
  for (const name of packages) add(name, '')
  return [...places]
}

function nearest(name: string, from: string, locked: Readonly<Record<string, Locked>>): string | undefined {
  const place = join(from, 'node_modules', name)
  if (Object.hasOwn(locked, place)) return place
  const up = from.lastIndexOf('node_modules/')
  return up === -1 ? undefined : nearest(name, from.slice(0, Math.max(0, up - 1)), locked)
}
