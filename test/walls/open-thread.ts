/** The real plugin thread, built with a module exchanged, such as one that opens its first wall (open-compartment.ts). */
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

const PLUGIN_THREAD = '../../workers/plugin.js'
/** Where imports are exchanged. */
const IMPORTERS = [PLUGIN_THREAD, '../../workers/crawl/explorer.js'].map(here)

export interface OpenThread {
  /** Leaves out the check that refuses to start a plugin when the second wall is open as well. */
  readonly selfCheck?: boolean
  /** The thread of `bulkhead audit`, which is the plugin thread and one method more. */
  readonly audited?: boolean
}

/** The thread's script, for `nodeLaunchPowers`. */
export function openThreadCode({ selfCheck = true, audited = false }: OpenThread = {}): Promise<Uint8Array> {
  const exchanges = new Map([['./compartment.js', './open-compartment.js']])
  if (!selfCheck) exchanges.set('./self-check.js', './no-self-check.js')
  if (audited) exchanges.set('../compartment.js', './open-compartment.js')
  return exchangedThreadCode(exchanges, audited ? '../../workers/audit-thread.js' : PLUGIN_THREAD)
}

/** @param exchanges - imports of the files in IMPORTERS, and what stands in for each, seen from here */
export async function exchangedThreadCode(
  exchanges: ReadonlyMap<string, string>,
  entry: string = PLUGIN_THREAD,
): Promise<Uint8Array> {
  const done = new Set<string>()
  const { outputFiles } = await build({
    entryPoints: [here(entry)],
    bundle: true,
    write: false,
    platform: 'node',
    target: 'node20',
    format: 'iife',
    legalComments: 'none',
    logLevel: 'silent',
    plugins: [
      {
        name: 'open-wall',
        setup({ onResolve }) {
          onResolve({ filter: /^\.\.?\// }, ({ path, importer }) => {
            const other = IMPORTERS.includes(importer) ? exchanges.get(path) : undefined
            if (other === undefined) return undefined
            done.add(path)
            return { path: here(other) }
          })
        },
      },
    ],
  })
  const [output] = outputFiles
  if (output === undefined || done.size !== exchanges.size) {
    throw new Error(`workers/plugin.ts no longer imports ${[...exchanges.keys()].join(' and ')}`)
  }
  return output.contents
}
