/**
 * `split`, `replace` and `match` with a regular expression, near their usual speed. V8 has
 * fast paths for them that it leaves for good once RegExp.prototype is changed, and
 * lockdown changes it; what remains is the standard's slow path, 10 to 30 times
 * slower, in the loops that a tokenizer lives from. These methods do what the
 * standard says with one native `exec` a match, for regular expressions that are
 * just that; any other goes to the original method.
 *
 * The rules are those of ECMA-262: RegExp.prototype[@@match], [@@split], [@@replace]
 * and GetSubstitution.
 */

import { types } from 'node:util'

type Split = (this: RegExp, text: unknown, limit: unknown) => unknown
type Match = (this: RegExp, text: unknown) => unknown
type Replace = (this: RegExp, text: unknown, replacement: unknown) => unknown
type Replacer = (...args: readonly unknown[]) => unknown

const MAX_PARTS = 2 ** 32 - 1
const SURROGATE_PAIR = 0xffff
/** Patterns whose searching twin is kept; a program splits with a few. */
const MOST_SEARCHERS = 256

/**
 * Puts the methods on RegExp.prototype; call between the repair and the
 * hardening of the intrinsics, which then freezes them with the rest.
 */
export function installFastRegExp(): void {
  const { apply, getPrototypeOf } = Reflect
  const { hasOwn } = Object
  const { isRegExp } = types
  const { prototype } = RegExp
  const NativeRegExp = RegExp
  const { exec } = prototype
  const slowSplit = prototype[Symbol.split] as unknown as Split
  const slowReplace = prototype[Symbol.replace] as unknown as Replace
  const slowMatch = prototype[Symbol.match] as unknown as Match
  const getterOf = <T>(name: string): (() => T) =>
    Object.getOwnPropertyDescriptor(prototype, name)?.get as () => T
  const source = getterOf<string>('source')
  const flags = getterOf<string>('flags')
  const isGlobal = getterOf<boolean>('global')
  const isUnicode = getterOf<boolean>('unicode')
  const isUnicodeSets = getterOf<boolean>('unicodeSets')

  /** Whether native `exec` and the flags it was made with are all there is to it; no trap of a proxy is asked. */
  const isPlain = (pattern: unknown): pattern is RegExp =>
    isRegExp(pattern) &&
    getPrototypeOf(pattern) === prototype &&
    !hasOwn(pattern, 'exec') &&
    !hasOwn(pattern, 'flags') &&
    !hasOwn(pattern, 'constructor')

  const advancesByCodePoint = (pattern: RegExp): boolean =>
    apply(isUnicode, pattern, []) || apply(isUnicodeSets, pattern, [])

  /** Searching twins of patterns that were split with; they never leave this file. */
  const searchers = new Map<string, RegExp>()

  /** The same pattern, finding from `lastIndex` on. */
  const searcherOf = (pattern: RegExp): RegExp => {
    const own = apply(flags, pattern, [])
    const key = `${own}/${apply(source, pattern, [])}`
    let searcher = searchers.get(key)
    if (searcher === undefined) {
      searcher = new NativeRegExp(
        apply(source, pattern, []),
        `${own.replaceAll('y', '').replaceAll('g', '')}g`,
      )
      if (searchers.size >= MOST_SEARCHERS) searchers.clear()
      searchers.set(key, searcher)
    }
    searcher.lastIndex = 0
    return searcher
  }

  const split = (pattern: RegExp, text: string, limit: number): string[] => {
    if (limit === 0) return []
    const searcher = searcherOf(pattern)
    if (text === '') return apply(exec, searcher, [text]) === null ? [text] : []
    const byCodePoint = advancesByCodePoint(pattern)
    const parts: string[] = []
    let partStart = 0
    for (;;) {
      const match = apply(exec, searcher, [text])
      if (match === null || match.index >= text.length) break
      const end = searcher.lastIndex
      if (end === partStart) {
        searcher.lastIndex = after(text, match.index, byCodePoint) // an empty match where the part begins
        continue
      }
      parts.push(text.slice(partStart, match.index))
      for (let group = 1; group < match.length && parts.length < limit; group++)
        parts.push(match[group] as string)
      if (parts.length >= limit) return parts
      partStart = end
    }
    parts.push(text.slice(partStart))
    return parts
  }

  const matchesOf = (pattern: RegExp, text: string): readonly RegExpExecArray[] => {
    if (!apply(isGlobal, pattern, [])) {
      const match = apply(exec, pattern, [text])
      return match === null ? [] : [match]
    }
    const byCodePoint = advancesByCodePoint(pattern)
    const matches: RegExpExecArray[] = []
    pattern.lastIndex = 0
    for (let match = apply(exec, pattern, [text]); match !== null; match = apply(exec, pattern, [text])) {
      matches.push(match)
      if (match[0] === '') pattern.lastIndex = after(text, pattern.lastIndex, byCodePoint)
    }
    return matches
  }

  /** The common case: every match by one fixed text, so nothing of a match is needed but where it is. */
  const replaceAll = (pattern: RegExp, text: string, by: string): string => {
    const byCodePoint = advancesByCodePoint(pattern)
    let result = ''
    let done = 0
    pattern.lastIndex = 0
    for (let match = apply(exec, pattern, [text]); match !== null; match = apply(exec, pattern, [text])) {
      const length = match[0].length
      result += text.slice(done, match.index) + by
      done = match.index + length
      if (length === 0) pattern.lastIndex = after(text, pattern.lastIndex, byCodePoint)
    }
    return done === 0 && result === '' ? text : result + text.slice(done)
  }

  const allTexts = (pattern: RegExp, text: string): string[] | null => {
    const byCodePoint = advancesByCodePoint(pattern)
    const found: string[] = []
    pattern.lastIndex = 0
    for (let match = apply(exec, pattern, [text]); match !== null; match = apply(exec, pattern, [text])) {
      const one = match[0]
      found.push(one)
      if (one === '') pattern.lastIndex = after(text, pattern.lastIndex, byCodePoint)
    }
    return found.length === 0 ? null : found
  }

  const methods = {
    [Symbol.match](this: unknown, input: unknown): unknown {
      if (!isPlain(this)) return apply(slowMatch, this, [input])
      const text = `${input as string}`
      if (!isPlain(this)) return apply(slowMatch, this, [text])
      return apply(isGlobal, this, []) ? allTexts(this, text) : apply(exec, this, [text])
    },
    [Symbol.split](this: unknown, input: unknown, limit: unknown): unknown {
      if (!isPlain(this)) return apply(slowSplit, this, [input, limit])
      const text = `${input as string}`
      const most = limit === undefined ? MAX_PARTS : Number(limit) >>> 0
      // Asked again: the conversions above may have run code that changed the pattern.
      return isPlain(this) ? split(this, text, most) : apply(slowSplit, this, [text, most])
    },
    [Symbol.replace](this: unknown, input: unknown, replacement: unknown): unknown {
      if (!isPlain(this)) return apply(slowReplace, this, [input, replacement])
      const text = `${input as string}`
      const by = typeof replacement === 'function' ? (replacement as Replacer) : `${replacement as string}`
      if (!isPlain(this)) return apply(slowReplace, this, [text, by])
      if (typeof by === 'string' && !by.includes('$') && apply(isGlobal, this, []))
        return replaceAll(this, text, by)
      // All matches first, as the standard says: a callback may use the pattern again.
      const matches = matchesOf(this, text)
      let result = ''
      let done = 0
      for (const match of matches) {
        result += text.slice(done, match.index)
        result +=
          typeof by === 'function'
            ? called(by, match, text)
            : by.includes('$')
              ? expanded(by, match, text)
              : by
        done = match.index + match[0].length
      }
      return matches.length === 0 ? text : result + text.slice(done)
    },
  }
  for (const name of [Symbol.match, Symbol.split, Symbol.replace] as const) {
    const property = { value: methods[name], writable: true, enumerable: false, configurable: true }
    Object.defineProperty(prototype, name, property)
  }
}

function after(text: string, index: number, byCodePoint: boolean): number {
  return index + (byCodePoint && (text.codePointAt(index) ?? 0) > SURROGATE_PAIR ? 2 : 1)
}

function called(by: Replacer, match: RegExpExecArray, text: string): string {
  const groups = match.groups === undefined ? [] : [match.groups]
  return `${Reflect.apply(by, undefined, [...match, match.index, text, ...groups]) as string}`
}

/** The replacement text with its `$` marks filled in. */
function expanded(template: string, match: RegExpExecArray, text: string): string {
  let result = ''
  let at = 0
  for (;;) {
    const mark = template.indexOf('$', at)
    if (mark === -1 || mark === template.length - 1) return result + template.slice(at)
    result += template.slice(at, mark)
    const [value, length] = substitution(template, mark, match, text)
    result += value
    at = mark + length
  }
}

/** What the mark at `mark` stands for, and how many characters it is long. */
function substitution(
  template: string,
  mark: number,
  match: RegExpExecArray,
  text: string,
): readonly [string, number] {
  const next = template[mark + 1] ?? ''
  if (next === '$') return ['$', 2]
  if (next === '&') return [match[0], 2]
  if (next === '`') return [text.slice(0, match.index), 2]
  if (next === "'") return [text.slice(match.index + match[0].length), 2]
  if (isDigit(next)) {
    const second = template[mark + 2] ?? ''
    const two = isDigit(second) ? Number(next + second) : 0
    if (two >= 1 && two < match.length) return [match[two] ?? '', 3]
    const one = Number(next)
    return one >= 1 && one < match.length ? [match[one] ?? '', 2] : ['$', 1]
  }
  const close = next === '<' && match.groups !== undefined ? template.indexOf('>', mark + 2) : -1
  if (close === -1) return ['$', 1]
  return [match.groups?.[template.slice(mark + 2, close)] ?? '', close + 1 - mark]
}

function isDigit(char: string): boolean {
  return char >= '0' && char <= '9' && char.length === 1
}
