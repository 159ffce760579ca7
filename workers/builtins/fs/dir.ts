/** `Dir`: the entries of a directory, read when it is opened; no descriptor is held. */
import { readdir } from './look.js'
import { optionsOf } from './options.js'
import { pathOf } from './path.js'
import { soon, withCallback } from './soon.js'
import type { Dirent } from './stats.js'

export class Dir {
  readonly path: string
  readonly #entries: Dirent[]
  #closed = false
  constructor(path: string, entries: Dirent[]) {
    this.path = path
    this.#entries = entries
  }
  readSync(): Dirent | null {
    if (this.#closed)
      throw Object.assign(new Error('Directory handle was closed'), { code: 'ERR_DIR_CLOSED' })
    return this.#entries.shift() ?? null
  }
  closeSync(): void {
    this.#closed = true
    this.#entries.length = 0
  }
  read(callback?: unknown): Promise<Dirent | null> | undefined {
    return withCallback(
      soon(() => this.readSync()),
      callback,
    )
  }
  close(callback?: unknown): Promise<void> | undefined {
    return withCallback(
      soon(() => this.closeSync()),
      callback,
    )
  }
  async *entries(): AsyncGenerator<Dirent> {
    try {
      for (let entry = this.readSync(); entry !== null; entry = this.readSync()) yield entry
    } finally {
      this.closeSync()
    }
  }
  [Symbol.asyncIterator](): AsyncGenerator<Dirent> {
    return this.entries()
  }
}

export function opendir(path: unknown, options?: unknown): Dir {
  const text = pathOf(path)
  const entries = readdir(text, { ...optionsOf(options), withFileTypes: true })
  return new Dir(text, entries as Dirent[])
}
