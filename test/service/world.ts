/** A search node's directories in a temporary place, with plugins written into them. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Test } from 'tap'
import {
  openService,
  PluginsService,
  type PluginsServiceOptions,
  type ServiceInternals,
} from '../../lib/service.js'

export interface PluginFiles {
  readonly source?: string
  readonly descriptor?: object
  /** policy.json; `undefined` for a plugin without one. */
  readonly policy?: object
  readonly files?: { readonly [path: string]: string }
}

export interface World {
  readonly root: string
  readonly options: PluginsServiceOptions & { readonly policiesDir: string }
  plugin(name: string, files: PluginFiles): void
  write(path: string, text: string): void
  /** Starts a service with every request approved as it stands, and stops it with the test. */
  approved(more?: Partial<PluginsServiceOptions>, internals?: ServiceInternals): Promise<PluginsService>
  /** Starts a service as a node does. */
  started(more?: Partial<PluginsServiceOptions>, internals?: ServiceInternals): Promise<PluginsService>
}

export function makeWorld(t: Test): World {
  const root = mkdtempSync(join(tmpdir(), 'bulkhead-world-'))
  const services: PluginsService[] = []
  t.teardown(async () => {
    await Promise.all(services.map((service) => service.stop()))
    rmSync(root, { recursive: true, force: true })
  })
  const options = {
    pluginsDir: join(root, 'plugins'),
    policiesDir: join(root, 'policies'),
    dataDir: join(root, 'data'),
    nodeVersion: '3.2.0',
    reservedCores: 0, // tests run side by side
  }
  mkdirSync(options.pluginsDir)
  mkdirSync(options.policiesDir)
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  const kept = (service: PluginsService): PluginsService => {
    services.push(service)
    return service
  }
  return {
    root,
    options,
    write,
    plugin(name, { source = 'export default {}', descriptor = {}, policy, files = {} }) {
      const standard = {
        name,
        version: '1.0.0',
        description: 'a plugin',
        main: 'index.ts',
        searchNode: '^3.0.0',
      }
      write(`plugins/${name}/plugin.json`, JSON.stringify({ ...standard, ...descriptor }))
      write(`plugins/${name}/index.ts`, source)
      if (policy !== undefined) write(`plugins/${name}/policy.json`, JSON.stringify(policy))
      for (const [path, text] of Object.entries(files)) write(`plugins/${name}/${path}`, text)
    },
    approved: async (more = {}, internals = {}) =>
      kept(await openService({ ...options, ...more }, { approveAll: true, ...internals })),
    started: async (more = {}, internals) =>
      kept(
        internals === undefined
          ? await PluginsService.start({ ...options, ...more })
          : await openService({ ...options, ...more }, internals),
      ),
  }
}
