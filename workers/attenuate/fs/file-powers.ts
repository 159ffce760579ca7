/**
 * Node's own file functions, copied out while they can be had. Nothing here is ever
 * given to a plugin; wall 2, the permission flags of the thread, stands behind each.
 */
import type { HostModules } from '../host-modules.js'
import { takeSystemErrors, type SystemError } from '../system-errors.js'

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
  readonly systemError: SystemError
  readonly platform: string
}

/** Call before `closeBuiltins`. */
export function takeFilePowers({ fs, process }: HostModules): FilePowers {
  const { native } = fs.realpathSync
  const { allocUnsafeSlow } = Buffer
  return {
    ...fs, // copied out: what the module object says later does not count
    realpath: (path) => native(path),
    constants: { ...fs.constants },
    allocate: (bytes) => new Uint8Array(allocUnsafeSlow(bytes).buffer),
    systemError: takeSystemErrors(),
    platform: process.platform,
  }
}
