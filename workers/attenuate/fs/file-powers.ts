/**
 * Node's own file functions, copied out while they can be had. Nothing here is ever
 * given to a plugin; wall 2, the permission flags of the thread, stands behind each.
 */
import { getSystemErrorMap } from 'node:util'
import type { HostModules } from '../host-modules.js'

type HostFs = HostModules['fs']

type Taken =
  | ('openSync' | 'closeSync' | 'fstatSync' | 'ftruncateSync' | 'readSync' | 'read' | 'writeSync' | 'write')
  | ('lstatSync' | 'statSync' | 'accessSync' | 'readdirSync' | 'readlinkSync' | 'mkdirSync' | 'rmdirSync')
  | ('unlinkSync' | 'renameSync' | 'linkSync' | 'chmodSync' | 'utimesSync' | 'lutimesSync' | 'watch')

export interface FilePowers extends Pick<HostFs, Taken> {
  /** All links resolved by the kernel in one call. */
  readonly realpath: (path: string) => string
  readonly constants: HostFs['constants']
  /** Memory that is not cleared: to be given away only as far as it was written. */
  readonly allocate: (bytes: number) => Uint8Array
  /** Number and text of an error code of the system, `ENOENT` and so on. */
  readonly systemError: (code: string) => { readonly errno: number; readonly text: string } | undefined
  readonly platform: string
}

/** Call before `closeBuiltins`. */
export function takeFilePowers({ fs, process }: HostModules): FilePowers {
  const { native } = fs.realpathSync
  const { allocUnsafeSlow } = Buffer
  const errors = new Map(
    [...getSystemErrorMap()].map(([errno, [code, text]]) => [code, { errno, text }] as const),
  )
  return {
    ...fs, // copied out: what the module object says later does not count
    realpath: (path) => native(path),
    constants: { ...fs.constants },
    allocate: (bytes) => new Uint8Array(allocUnsafeSlow(bytes).buffer),
    systemError: (code) => errors.get(code),
    platform: process.platform,
  }
}
