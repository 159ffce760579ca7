/**
 * `split` and `replace` with a regular expression, at their usual speed. V8 has fast
 * paths for both that it leaves for good once RegExp.prototype is changed, and
 * lockdown changes it; what remains is the standard's slow path, 10 to 30 times
 * slower, in the loops that a tokenizer lives from. These two methods do what the
 * standard says with one native `exec` a match, for regular expressions that are
 * just that; any other goes to the original method.
 *
 * The rules are those of ECMA-262: RegExp.prototype[@@split], [@@replace] and
 * GetSubstitution.
 */

type Split = (this: RegExp, text: unknown, limit: unknown) => unknown
type Replace = (this: RegExp, text: unknown, replacement: unknown) => unknown
type Replacer = (...args: readonly unknown[]) => unknown

const MAX_PARTS = 2 ** 32 - 1
const SURROGATE_PAIR = 0xffff

/**
 * Puts the two methods on RegExp.prototype; call between the repair and the
 * hardening of the intrinsics, which then freezes them with the rest.
 */
export function installFastRegExp(): void {
  const { apply, getPrototypeOf, ownKeys } = Reflect
  const { prototype } = RegExp
  const NativeRegExp = RegExp
  const { exec } = prototype
  const slowSplit = prototype[Symbol.split] as unknown as Split
  const slowReplace = prototype[Symbol.replace] as unknown as Replace
  const getterOf = <T>(name: string): (() => T) =>
    Object.getOwnPropertyDescriptor(prototype, name)?.get as () => T
  const source = getterOf<string>('source')
  const flags = getterOf<string>('flags')

  /** Whether nothing but `lastIndex` is its own and nothing was put between it and the prototype. */
  const isPlain = (pattern: unknown): pattern is RegExp => {
    if (typeof pattern !== 'object' || pattern === null) return false
    try {
      apply(source, pattern, []) // throws for what is no regular expression: a proxy, the prototype's child
    } catch {
      return false
    }
    return getPrototypeOf(pattern) === prototype && ownKeys(pattern).length === 1
  }

  const split = (pattern: RegExp, text: string, limit: number): string[] => {
    if (limit === 0) return []
    const own = apply(flags, pattern, [])
    const searcher = new NativeRegExp(
      apply(source, pattern, []),
      `${own.replaceAll('y', '').replaceAll('g', '')}g`,
    )
    if (text === '') return apply(exec, searcher, [text]) === null ? [text] : []
    const byCodePoint = own.includes('u') || own.includes('v')
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
    const own = apply(flags, pattern, [])
    if (!own.includes('g')) {
      const match = apply(exec, pattern, [text])
      return match === null ? [] : [match]
    }
    const byCodePoint = own.includes('u') || own.includes('v')
    const matches: RegExpExecArray[] = []
    pattern.lastIndex = 0
    for (let match = apply(exec, pattern, [text]); match !== null; match = apply(exec, pattern, [text])) {
      matches.push(match)
      if (match[0] === '') pattern.lastIndex = after(text, pattern.lastIndex, byCodePoint)
    }
    return matches
  }

  const methods = {
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
  for (const name of [Symbol.split, Symbol.replace] as const) {
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
