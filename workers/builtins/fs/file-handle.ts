/** `FileHandle`: an open file of `fs/promises`. */
import { appendFile, later, readFile, writeFile } from './content.js'
import { close, fstat, ftruncate, readLater, readv, writeLater, writev } from './descriptor.js'
import { soon } from './soon.js'
import type { Stats } from './stats.js'
import type { StreamClasses } from './streams.js'
import type { Module } from '../module.js'
import { optionsOf } from './options.js'
import { webStream } from './web-views.js'

type Emitter = { emit(name: string, ...args: readonly unknown[]): boolean }
export type FileHandle = Emitter & { readonly fd: number; close(): Promise<void> }

export function fileHandleClass(
  EventEmitter: new () => Emitter,
  { ReadStream, WriteStream }: StreamClasses,
  web: () => Module,
): new (id: number) => FileHandle {
  return class FileHandle extends EventEmitter {
    #id: number
    #closing: Promise<void> | undefined
    #hasWebStream = false
    constructor(id: number) {
      super()
      this.#id = id
    }
    /** A number that only this plugin's functions know; -1 once closed. */
    get fd(): number {
      return this.#id
    }
    read(...args: readonly unknown[]): Promise<unknown> {
      return readLater(this.#id, ...args)
    }
    write(...args: readonly unknown[]): Promise<unknown> {
      return writeLater(this.#id, ...args)
    }
    async readv(buffers: unknown, position?: unknown): Promise<unknown> {
      return { bytesRead: await soon(() => readv(this.#id, buffers, position)), buffers }
    }
    async writev(buffers: unknown, position?: unknown): Promise<unknown> {
      return { bytesWritten: await soon(() => writev(this.#id, buffers, position)), buffers }
    }
    readFile(options?: unknown): Promise<unknown> {
      return later(readFile(this.#id, options))
    }
    writeFile(data: unknown, options?: unknown): Promise<void> {
      return later(writeFile(this.#id, data, options))
    }
    appendFile(data: unknown, options?: unknown): Promise<void> {
      return later(appendFile(this.#id, data, options))
    }
    stat(options?: unknown): Promise<Stats> {
      return soon(() => fstat(this.#id, options))
    }
    truncate(length?: unknown): Promise<void> {
      return soon(() => ftruncate(this.#id, length))
    }
    createReadStream(options?: object): unknown {
      return new ReadStream('', { ...options, fd: this.#id })
    }
    createWriteStream(options?: object): unknown {
      return new WriteStream('', { ...options, fd: this.#id })
    }
    /** Of bytes, and one for each handle. */
    readableWebStream(options?: unknown): unknown {
      if (this.#id === -1) throw invalidState('closed')
      if (this.#hasWebStream) throw invalidState('locked')
      this.#hasWebStream = true
      const closes = optionsOf(options)['autoClose'] === true
      return webStream(
        web(),
        () => this.#id,
        async () => (closes ? this.close() : undefined),
      )
    }
    close(): Promise<void> {
      this.#closing ??= soon(() => {
        const id = this.#id
        this.#id = -1
        close(id)
        this.emit('close')
      })
      return this.#closing
    }
    [Symbol.for('nodejs.asyncDispose')](): Promise<void> {
      return this.close()
    }
    static {
      const { asyncDispose } = Symbol as { readonly asyncDispose?: symbol }
      if (asyncDispose !== undefined) {
        const { close: value } = this.prototype
        Object.defineProperty(this.prototype, asyncDispose, { value, writable: true, configurable: true })
      }
    }
  }
}

function invalidState(what: string): Error {
  return Object.assign(new Error(`Invalid state: The FileHandle is ${what}`), { code: 'ERR_INVALID_STATE' })
}
