/**
 * Reading and writing of open files. Bytes cross in memory of their own: a plugin
 * could give its buffer away while the system still writes into it.
 */
import { bytesOf } from '../bytes.js'
import { refusal } from '../refusal.js'
import { attempt, fromHost } from './failure.js'
import type { FilePowers } from './file-powers.js'
import type { OpenFile, OpenFiles } from './open-files.js'
import type { Quota } from './quota.js'

export interface Content {
  /** At most `length` bytes from `position`, or from where the last reading ended (`null`). */
  read(id: unknown, length: unknown, position: unknown): Uint8Array
  readLater(id: unknown, length: unknown, position: unknown): Promise<Uint8Array>
  /** Gives how many bytes were written. */
  write(id: unknown, bytes: unknown, position: unknown): number
  writeLater(id: unknown, bytes: unknown, position: unknown): Promise<number>
  truncate(id: unknown, length: unknown): void
}

/** @param mostBytes - of one reading, from `limits.externalMb` */
export function makeContent(powers: FilePowers, files: OpenFiles, mostBytes: number, quota: Quota): Content {
  const take = ({ counts }: OpenFile, bytes: number, syscall: string): (() => void) =>
    counts && bytes > 0 ? quota.write(bytes, { syscall }) : nothing
  const memory = (length: unknown): Uint8Array => {
    if (typeof length !== 'number' || !Number.isInteger(length) || length < 0) {
      throw refusal('ERR_OUT_OF_RANGE', 'The length is not a whole number from 0', RangeError)
    }
    if (length > mostBytes) {
      throw refusal(
        'ERR_FS_FILE_TOO_LARGE',
        `${length} bytes at once are more than limits.externalMb of the plugin's policy, ${mostBytes} bytes: read in pieces`,
        RangeError,
      )
    }
    return powers.allocate(length)
  }
  const data = (value: unknown): Uint8Array => {
    const bytes = bytesOf(value)
    if (bytes !== undefined) return bytes
    throw refusal('ERR_INVALID_ARG_TYPE', 'The data must be bytes', TypeError)
  }
  return {
    read(id, length, position) {
      const { descriptor } = files.get(id, 'read')
      const into = memory(length)
      const at = positionOf(position)
      const count = attempt(powers, { syscall: 'read' }, () =>
        powers.readSync(descriptor, into, 0, into.length, at),
      )
      return written(into, count)
    },
    async readLater(id, length, position) {
      const file = files.get(id, 'read')
      const into = memory(length)
      const at = positionOf(position)
      const reading = (): Promise<Uint8Array> =>
        new Promise((resolve, reject) => {
          powers.read(file.descriptor, into, 0, into.length, at, (error, count) => {
            if (error === null) resolve(written(into, count))
            else reject(fromHost(powers, error, { syscall: 'read' }))
          })
        })
      return files.during(file, reading)
    },
    write(id, value, position) {
      const file = files.get(id, 'write')
      const bytes = data(value)
      const at = positionOf(position)
      const done = take(file, bytes.length, 'write')
      try {
        return attempt(powers, { syscall: 'write' }, () =>
          powers.writeSync(file.descriptor, bytes, 0, bytes.length, at),
        )
      } finally {
        done()
      }
    },
    async writeLater(id, value, position) {
      const file = files.get(id, 'write')
      const bytes = new Uint8Array(data(value))
      const at = positionOf(position)
      const done = take(file, bytes.length, 'write')
      const writing = (): Promise<number> =>
        new Promise((resolve, reject) => {
          powers.write(file.descriptor, bytes, 0, bytes.length, at, (error, count) => {
            done()
            if (error === null) resolve(count)
            else reject(fromHost(powers, error, { syscall: 'write' }))
          })
        })
      return files.during(file, writing)
    },
    truncate(id, length) {
      const file = files.get(id, 'ftruncate')
      const { descriptor } = file
      const bytes = typeof length === 'number' && length > 0 ? Math.trunc(length) : 0
      const call = { syscall: 'ftruncate' }
      const { size } = attempt(powers, call, () => powers.fstatSync(descriptor))
      take(file, bytes - size, 'ftruncate')()
      attempt(powers, call, () => powers.ftruncateSync(descriptor, bytes))
    },
  }
}

function nothing(): void {
  // What is written elsewhere takes no room of the data directory.
}

/** Only what was written into it: the memory behind may be anything of the process. */
function written(into: Uint8Array, count: number): Uint8Array {
  return count === into.length ? into : into.slice(0, count)
}

function positionOf(position: unknown): number | null {
  return typeof position === 'number' && Number.isSafeInteger(position) && position >= 0 ? position : null
}
