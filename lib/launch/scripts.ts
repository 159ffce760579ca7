/** The scripts under dist/workers that the node starts, or sends to what it has started. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const pathOf = (name: string): string => fileURLToPath(new URL(`../../workers/${name}.cjs`, import.meta.url))

/** The script of a child's main thread: the one file that process may read. */
export const hostScript: string = pathOf('plugin-host')

/** The code that goes into every plugin thread. */
export function readThreadCode(): Uint8Array {
  return readFileSync(pathOf('plugin-thread'))
}

/** Code of a plugin thread that can be audited, for `nodeLaunchPowers`. */
export function readAuditThreadCode(): Uint8Array {
  return readFileSync(pathOf('audit-thread'))
}

/** The plugin's own copies of the built-ins, and of the web platform that stands on them, as a script each. */
export function readBuiltinsCode(): readonly Uint8Array[] {
  return ['builtins', 'web'].map((name) => readFileSync(pathOf(name)))
}
