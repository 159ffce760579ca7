/** The real plugin thread, built with a module exchanged: its first wall has a hole (open-compartment.ts). */
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

export interface OpenThread {
  /** Leaves out the check that refuses to start a plugin when the second wall is open as well. */
  readonly selfCheck?: boolean
  /** The thread of `bulkhead audit`, which is the plugin thread and one method more. */
  readonly audited?: boolean
}

/** The thread's script, for `nodeLaunchPowers`. */
export async function openThreadCode({
  selfCheck = true,
  audited = false,
}: OpenThread = {}): Promise<Uint8Array> {
  const entry = here('../../workers/plugin.js')
  const exchanges = new Map([['./compartment.js', './open-compartment.js']])
  if (!selfCheck) exchanges.set('./self-check.js', './no-self-check.js')
  const importers = [entry]
  if (audited) {
    exchanges.set('../compartment.js', './open-compartment.js')
    importers.push(here('../../workers/crawl/explorer.js'))
  }
  const done = new Set<string>()
  const { outputFiles } = await build({
    entryPoints: [audited ? here('../../workers/audit-thread.js') : entry],
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
            const other = importers.includes(importer) ? exchanges.get(path) : undefined
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
