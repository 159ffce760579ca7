/** What can be asked about paths; answers at once. */
import type { StatFacts } from '../../attenuate/fs/look.js'
import { nameInEncoding, optionsOf } from './options.js'
import { pathOf } from './path.js'
import { power } from './power.js'
import { Dirent, Stats } from './stats.js'

function isMissing(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes(String((error as { readonly code?: unknown }).code))
}

type StatFunction = (path: unknown, options?: unknown) => Stats | undefined

function statWith(look: (path: string, big: boolean) => StatFacts): StatFunction {
  return (path, options) => {
    const { bigint, throwIfNoEntry } = optionsOf(options)
    try {
      return new Stats(look(pathOf(path), bigint === true))
    } catch (error) {
      if (throwIfNoEntry === false && isMissing(error)) return undefined
      throw error
    }
  }
}

export const stat: StatFunction = statWith((path, big) => power.stat(path, big))
export const lstat: StatFunction = statWith((path, big) => power.lstat(path, big))

export function access(path: unknown, mode?: unknown): void {
  power.access(pathOf(path), mode)
}

export function exists(path: unknown): boolean {
  try {
    power.access(pathOf(path), 0)
    return true
  } catch {
    return false
  }
}

export function realpath(path: unknown, options?: unknown): unknown {
  return nameInEncoding(power.realpath(pathOf(path)), optionsOf(options)['encoding'])
}

export function readlink(path: unknown, options?: unknown): unknown {
  return nameInEncoding(power.readlink(pathOf(path)), optionsOf(options)['encoding'])
}

export function readdir(path: unknown, options?: unknown): unknown[] {
  const { encoding, withFileTypes, recursive } = optionsOf(options)
  const top = pathOf(path)
  const found: unknown[] = []
  const waiting: [directory: string, prefix: string][] = [[top, '']]
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const [directory, prefix] = next
    for (const [name, type] of power.readdir(directory)) {
      found.push(
        withFileTypes === true
          ? new Dirent(nameInEncoding(name, encoding), directory, type)
          : nameInEncoding(prefix + name, encoding),
      )
      if (recursive === true && type === power.constants['S_IFDIR']) {
        waiting.push([joined(directory, name), `${prefix}${name}/`])
      }
    }
  }
  return found
}

export function joined(directory: string, name: string): string {
  return directory.endsWith('/') ? directory + name : `${directory}/${name}`
}
