/**
 * Reads JSON (RFC 8259) and says what JSON.parse keeps to itself: line and column
 * of a mistake in words that do not change with Node's version, and keys written
 * twice. Pure; depth is bounded because the text is not ours.
 */
export interface JsonText {
  readonly value: unknown
  /** JSON pointers of keys that stand twice in one object; the last value counts. */
  readonly duplicates: readonly string[]
}

export interface JsonMistake {
  /** From 1. */
  readonly line: number
  /** From 1, in UTF-16 code units. */
  readonly column: number
  readonly message: string
}

const MAX_DEPTH = 64
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const WORDS: readonly (readonly [string, unknown])[] = [
  ['true', true],
  ['false', false],
  ['null', null],
]

class Mistake extends Error {
  readonly at: number
  constructor(at: number, message: string) {
    super(message)
    this.at = at
  }
}

export function parseJson(text: string): JsonText | { readonly mistake: JsonMistake } {
  const duplicates: string[] = []
  try {
    const reader = new Reader(text, duplicates)
    return { value: reader.document(), duplicates }
  } catch (error) {
    if (!(error instanceof Mistake)) throw error
    const before = text.slice(0, error.at)
    const line = before.split('\n').length
    return { mistake: { line, column: error.at - before.lastIndexOf('\n'), message: error.message } }
  }
}

/** One part of a JSON pointer, escaped (RFC 6901). */
export function pointerPart(key: string | number): string {
  return `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`
}

class Reader {
  readonly #text: string
  readonly #duplicates: string[]
  #at = 0

  constructor(text: string, duplicates: string[]) {
    this.#text = text
    this.#duplicates = duplicates
    if (text.startsWith('\uFEFF')) this.#at = 1
  }

  document(): unknown {
    const value = this.#value('', 0)
    this.#space()
    if (this.#at < this.#text.length) throw this.#unexpected('the end')
    return value
  }

  #value(pointer: string, depth: number): unknown {
    this.#space()
    if (depth > MAX_DEPTH) throw new Mistake(this.#at, `more than ${MAX_DEPTH} levels of nesting`)
    const char = this.#text[this.#at]
    if (char === '{') return this.#object(pointer, depth)
    if (char === '[') return this.#array(pointer, depth)
    if (char === '"') return this.#string()
    for (const [word, value] of WORDS) {
      if (!this.#text.startsWith(word, this.#at)) continue
      this.#at += word.length
      return value
    }
    return this.#number()
  }

  #object(pointer: string, depth: number): { readonly [key: string]: unknown } {
    const entries = new Map<string, unknown>()
    this.#at += 1
    if (this.#skip('}')) return {}
    do {
      this.#space()
      if (this.#text[this.#at] !== '"') throw this.#unexpected('a key in double quotes')
      const key = this.#string()
      const own = pointer + pointerPart(key)
      if (entries.has(key)) this.#duplicates.push(own)
      if (!this.#skip(':')) throw this.#unexpected('":"')
      entries.set(key, this.#value(own, depth + 1))
    } while (this.#skip(','))
    if (!this.#skip('}')) throw this.#unexpected('"," or "}"')
    return Object.fromEntries(entries) // defines an own `__proto__`, never sets the prototype
  }

  #array(pointer: string, depth: number): readonly unknown[] {
    const items: unknown[] = []
    this.#at += 1
    if (this.#skip(']')) return items
    do items.push(this.#value(pointer + pointerPart(items.length), depth + 1))
    while (this.#skip(','))
    if (!this.#skip(']')) throw this.#unexpected('"," or "]"')
    return items
  }

  #string(): string {
    const start = this.#at
    for (let at = start + 1; at < this.#text.length; at += 1) {
      const code = this.#text.charCodeAt(at)
      if (code === 0x22) {
        this.#at = at + 1
        return this.#decoded(start)
      }
      if (code < 0x20) throw new Mistake(at, 'a line break or control character inside a string')
      if (code === 0x5c) at += 1
    }
    throw new Mistake(start, 'a string without its closing quote')
  }

  #decoded(start: number): string {
    try {
      return JSON.parse(this.#text.slice(start, this.#at)) as string
    } catch {
      throw new Mistake(start, 'a string with a wrong escape')
    }
  }

  #number(): number {
    NUMBER.lastIndex = this.#at
    const found = NUMBER.exec(this.#text)
    if (found === null) throw this.#unexpected('a value')
    this.#at = NUMBER.lastIndex
    return Number(found[0])
  }

  #space(): void {
    while (' \t\r\n'.includes(this.#text[this.#at] ?? 'end')) this.#at += 1
  }

  #skip(char: string): boolean {
    this.#space()
    if (this.#text[this.#at] !== char) return false
    this.#at += 1
    return true
  }

  #unexpected(expected: string): Mistake {
    const found = this.#text[this.#at]
    return new Mistake(
      this.#at,
      `${found === undefined ? 'the end' : JSON.stringify(found)} where ${expected} was expected`,
    )
  }
}
