/** The real plugin thread, built with a module exchanged, such as one that opens its first wall (open-compartment.ts). */
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

export interface OpenThread {
  /** Leaves out the check that refuses to start a plugin when the second wall is open as well. */
  readonly selfCheck?: boolean
}

/** The thread's script, for `nodeLaunchPowers`. */
export function openThreadCode({ selfCheck = true }: OpenThread = {}): Promise<Uint8Array> {
  const exchanges = new Map([['./compartment.js', './open-compartment.js']])
  if (!selfCheck) exchanges.set('./self-check.js', './no-self-check.js')
  return exchangedThreadCode(exchanges)
}

/** @param exchanges - imports of workers/plugin.ts, and what stands in for each, seen from here */
export async function exchangedThreadCode(exchanges: ReadonlyMap<string, string>): Promise<Uint8Array> {
  const entry = here('../../workers/plugin.js')
  const done = new Set<string>()
  const { outputFiles } = await build({
    entryPoints: [entry],
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
          onResolve({ filter: /^\.\// }, ({ path, importer }) => {
            const other = importer === entry ? exchanges.get(path) : undefined
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
