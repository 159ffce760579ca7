/** `Stats`, `BigIntStats` and `Dirent`, made from plain facts. */
import type { StatFacts } from '../../attenuate/fs/look.js'
import { power } from './power.js'

const { S_IFMT = 0o170000, S_IFREG, S_IFDIR, S_IFLNK, S_IFIFO, S_IFSOCK, S_IFCHR, S_IFBLK } = power.constants

/** Both classes below ask the same questions about a type. */
abstract class Entry {
  protected abstract type(): number
  isFile(): boolean {
    return this.type() === S_IFREG
  }
  isDirectory(): boolean {
    return this.type() === S_IFDIR
  }
  isSymbolicLink(): boolean {
    return this.type() === S_IFLNK
  }
  isFIFO(): boolean {
    return this.type() === S_IFIFO
  }
  isSocket(): boolean {
    return this.type() === S_IFSOCK
  }
  isCharacterDevice(): boolean {
    return this.type() === S_IFCHR
  }
  isBlockDevice(): boolean {
    return this.type() === S_IFBLK
  }
}

export class Stats extends Entry {
  readonly mode: number | bigint = 0
  readonly size: number | bigint = 0
  constructor(facts: StatFacts = {}) {
    super()
    Object.assign(this, facts)
    for (const name of ['atime', 'mtime', 'ctime', 'birthtime']) {
      const value = new Date(Number(facts[`${name}Ms`] ?? 0))
      Object.defineProperty(this, name, { value, writable: true, enumerable: true, configurable: true })
    }
  }
  protected override type(): number {
    return Number(this.mode) & S_IFMT
  }
}

export class Dirent extends Entry {
  readonly name: unknown
  readonly parentPath: string
  readonly #type: number
  constructor(name: unknown, parentPath: string, type: number) {
    super()
    this.name = name
    this.parentPath = parentPath
    this.#type = type
  }
  /** The older name of `parentPath`. */
  get path(): string {
    return this.parentPath
  }
  protected override type(): number {
    return this.#type
  }
}
