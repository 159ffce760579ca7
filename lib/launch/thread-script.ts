/** The plugin thread's script as threads get it: its text, and V8's cache of it (supervisor/worker-options.ts). */
import { Script } from 'node:vm'
import { THREAD_SCRIPT_NAME } from '../supervisor/worker-options.js'

export interface ThreadScript {
  readonly bytes: Uint8Array
  readonly code: string
  /** Made at the first call, which takes some 15 ms. */
  cache(): Uint8Array
}

export function makeThreadScript(bytes: Uint8Array): ThreadScript {
  const code = Buffer.from(bytes).toString('utf8')
  let cache: Uint8Array | undefined
  return {
    bytes,
    code,
    cache: () => (cache ??= new Script(code, { filename: THREAD_SCRIPT_NAME }).createCachedData()),
  }
}
