/**
 * `/plugin` and `/data` on the plugin's side, real paths on ours: the one place that
 * translates (docs/decisions/virtual-names.md). Text only; links are settle.ts.
 */
import { posix } from 'node:path'
import { refusal } from '../refusal.js'

export interface Names {
  /**
   * The absolute, normalised real path that the plugin's text names; relative to `/plugin`.
   * @throws Error `ERR_INVALID_ARG_TYPE` for what is no string, `ERR_INVALID_ARG_VALUE` for a NUL in it
   */
  toReal(text: unknown): string
  /** The name under which a plugin knows a real path. */
  toVirtual(real: string): string
  /** A text of the policy as the plugin wrote it: with placeholders where real directories stand. */
  asWritten(rule: string): string
}

export function makeNames(home: string, data: string): Names {
  const roots = [
    { virtual: '/plugin', real: home, placeholder: '${plugin.home}' },
    { virtual: '/data', real: data, placeholder: '${plugin.data}' },
  ]
  const inner = roots.toSorted((a, b) => b.real.length - a.real.length) // one may lie in the other
  return {
    toReal(text) {
      const path = checkedPath(text)
      if (path === '') return '' // the system says ENOENT
      const plain = trimmed(posix.normalize(path.startsWith('/') ? path : `/plugin/${path}`))
      const root = roots.find(({ virtual }) => isAtOrBelow(plain, virtual))
      return root === undefined ? plain : root.real + plain.slice(root.virtual.length)
    },
    toVirtual(real) {
      const root = inner.find((one) => isAtOrBelow(real, one.real))
      return root === undefined ? real : root.virtual + real.slice(root.real.length)
    },
    asWritten: (rule) =>
      rule.startsWith('denied ')
        ? 'always denied to plugins'
        : inner.reduce((text, { real, placeholder }) => text.replaceAll(real, placeholder), rule),
  }
}

/** @throws as `Names.toReal` */
export function checkedPath(text: unknown): string {
  if (typeof text !== 'string') {
    throw refusal(
      'ERR_INVALID_ARG_TYPE',
      'The "path" argument must be a string, a Buffer or a file: URL',
      TypeError,
    )
  }
  if (text.includes('\0')) {
    throw refusal('ERR_INVALID_ARG_VALUE', "The argument 'path' must be a path without null bytes", TypeError)
  }
  return text
}

function isAtOrBelow(path: string, root: string): boolean {
  return path === root || (path.startsWith(root) && path.charAt(root.length) === '/')
}

function trimmed(path: string): string {
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path
}
