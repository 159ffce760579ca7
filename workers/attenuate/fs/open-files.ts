/**
 * The open files of one plugin, by numbers of its own: the thread's descriptors are
 * shared with the whole process, so none of them is ever a number of a plugin.
 * Counted, capped, closed together; a file under way closes when it is done.
 */
import type { LimitReached } from '../limit-reached.js'
import { diskBytes } from '../../../lib/protocol/disk-usage.js'
import { refusal } from '../refusal.js'
import { failure, type Call } from './failure.js'
import type { FilePowers } from './file-powers.js'

export interface OpenFile {
  readonly descriptor: number
  /** Whether it lies in the data directory, so that what is written to it counts (quota.ts). */
  readonly counts: boolean
  busy: number
  closing: boolean
}

export interface OpenFiles {
  /** @throws Error `EMFILE` at the cap, `PLUGIN_STOPPED` after `closeAll` */
  admit(call: Call): void
  add(descriptor: number, counts: boolean): number
  /** @throws Error `EBADF` for a number that is not open here, `PLUGIN_STOPPED` after `closeAll` */
  get(id: unknown, syscall: string): OpenFile
  close(id: unknown): void
  /** Holds the file open while `run` goes on, however it is closed meanwhile. */
  during<T>(file: OpenFile, run: () => Promise<T>): Promise<T>
  /** Bytes on disk of those that lie in the data directory and were removed: their blocks stay until they are closed. */
  unlinkedBytes(): number
  /** Counts something else that holds a resource, such as a watcher; gives what ends it. */
  hold(end: () => void): () => void
  /** @throws Error `PLUGIN_STOPPED` after `closeAll` */
  checkRunning(): void
  closeAll(): void
}

/** The first number; above the ones that mean standard streams everywhere. */
const FIRST_ID = 10

export function makeOpenFiles(powers: FilePowers, limit: number, reached?: LimitReached): OpenFiles {
  const files = new Map<number, OpenFile>()
  const held = new Set<() => void>()
  let lastId = FIRST_ID - 1
  let stopped = false

  const checkRunning = (): void => {
    if (stopped) throw refusal('PLUGIN_STOPPED', 'this plugin was stopped: it can use no file any more')
  }
  const release = (file: OpenFile): void => {
    if (file.busy === 0 && file.closing) powers.closeSync(file.descriptor)
  }
  const get = (id: unknown, syscall: string): OpenFile => {
    checkRunning()
    const file = files.get(id as number)
    if (file === undefined) throw failure(powers, 'EBADF', { syscall })
    return file
  }
  const drop = (id: number, file: OpenFile): void => {
    files.delete(id)
    file.closing = true
    release(file)
  }
  return {
    checkRunning,
    get,
    admit(call) {
      checkRunning()
      if (files.size + held.size >= limit) {
        reached?.('files', files.size + held.size)
        const note = `${files.size + held.size} are open and limits.files of the plugin's policy is ${limit}`
        throw failure(powers, 'EMFILE', call, note)
      }
    },
    add(descriptor, counts) {
      lastId += 1
      files.set(lastId, { descriptor, counts, busy: 0, closing: false })
      return lastId
    },
    close: (id) => drop(id as number, get(id, 'close')),
    async during(file, run) {
      file.busy += 1
      try {
        return await run()
      } finally {
        file.busy -= 1
        release(file)
      }
    },
    unlinkedBytes() {
      let bytes = 0
      for (const { descriptor, counts } of files.values()) {
        if (!counts) continue
        const { nlink, blocks } = powers.fstatSync(descriptor)
        if (nlink === 0) bytes += diskBytes(blocks)
      }
      return bytes
    },
    hold(end) {
      const once = (): void => {
        if (held.delete(once)) end()
      }
      held.add(once)
      return once
    },
    closeAll() {
      stopped = true
      for (const [id, file] of files) {
        try {
          drop(id, file)
        } catch {
          // Closed all the same (close(2)); nobody is left to be told what was not written.
        }
      }
      for (const end of held) end()
    },
  }
}
