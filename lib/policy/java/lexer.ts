/**
 * Cuts the text of a `security.policy` into words, strings and marks, each with its
 * line and column, exactly as the `java.io.StreamTokenizer` that both the JDK and
 * OpenSearch 3 set up for it. What a token means is for the parser to say.
 * The lexer is one mutable object that holds the current token: a token costs no
 * allocation, and a text is cut out only where somebody asks for it.
 */

/** Kinds of token. Any other kind is the character code of a mark such as `{`. */
export const END = -1
export const WORD = -2
export const QUOTE = 0x22
export const APOSTROPHE = 0x27

export interface Lexer {
  readonly text: string
  /** `END`, `WORD`, or the code of the first character: the quote of a string, or a mark. */
  kind: number
  /** Bounds of the token in `text`; of a string, of what stands between its quotes. */
  from: number
  to: number
  /** A string with a backslash in it: its value is not its text. */
  escaped: boolean
  /** A string with both quotes; without, it ends with its line. */
  closed: boolean
  /** Of the first character of the token; both from 1, a column counts UTF-16 units. */
  line: number
  column: number
  /** Just behind the token before this one. */
  endLine: number
  endColumn: number
  /** Where a comment begins that has no end; 0 where there is none. */
  openComment: number
  openCommentColumn: number
  /** Where the next token is looked for, on which line, and where that line begins. */
  next: number
  nextLine: number
  nextLineStart: number
}

/** Stands before the first token: call `advance` to read it. */
export function makeLexer(text: string): Lexer {
  return {
    text,
    kind: END,
    from: 0,
    to: 0,
    escaped: false,
    closed: true,
    line: 1,
    column: 1,
    endLine: 1,
    endColumn: 1,
    openComment: 0,
    openCommentColumn: 0,
    next: 0,
    nextLine: 1,
    nextLineStart: 0,
  }
}

const LF = 0x0a
const CR = 0x0d
const SPACE = 0x20
const STAR = 0x2a
const SLASH = 0x2f
const BACKSLASH = 0x5c

/** 1 for a character of words. From U+00A0 up all are, lone surrogates and a byte order mark as well. */
const WORD_CHARACTERS: Uint8Array = Uint8Array.from({ length: 256 }, (_, code) =>
  code >= 0xa0 || /[\w.$]/.test(String.fromCharCode(code)) ? 1 : 0,
)

/** Reads the next token. At the end of the text it reads `END`, again and again. */
export function advance(lexer: Lexer): void {
  lexer.endLine = lexer.nextLine
  lexer.endColumn = lexer.next - lexer.nextLineStart + 1
  skipSpaceAndComments(lexer)
  const { text, next: start } = lexer
  lexer.line = lexer.nextLine
  lexer.column = start - lexer.nextLineStart + 1
  lexer.from = start
  lexer.to = start + 1
  if (start >= text.length) {
    lexer.kind = END
    lexer.to = start
    return
  }
  const code = text.charCodeAt(start)
  if (code === QUOTE || code === APOSTROPHE) {
    readString(lexer, code)
  } else if (code > 0xff || WORD_CHARACTERS[code] === 1) {
    readWord(lexer)
  } else {
    lexer.kind = code
    lexer.next = start + 1
  }
}

/** The value of a word or a string; of a mark, the mark. */
export function tokenText(lexer: Lexer): string {
  const text = lexer.text.slice(lexer.from, lexer.to)
  return lexer.escaped && isString(lexer) ? unescape(text) : text
}

export function isString(lexer: Lexer): boolean {
  return lexer.kind === QUOTE || lexer.kind === APOSTROPHE
}

/**
 * Whether the token reads as `keyword`, which is given in small letters, in the way
 * of Java's `equalsIgnoreCase`.
 */
export function spells(lexer: Lexer, keyword: string): boolean {
  if (lexer.escaped && isString(lexer)) {
    if (lexer.to - lexer.from > 4 * keyword.length) return false // no escape is longer than `\377`
    const value = tokenText(lexer)
    return value.length === keyword.length && sameLetters(value, 0, keyword)
  }
  return lexer.to - lexer.from === keyword.length && sameLetters(lexer.text, lexer.from, keyword)
}

function sameLetters(text: string, from: number, keyword: string): boolean {
  for (let index = 0; index < keyword.length; index += 1) {
    if (smallLetter(text.charCodeAt(from + index)) !== keyword.charCodeAt(index)) return false
  }
  return true
}

/** Four characters outside ASCII fold to an ASCII letter in Java: both Turkish i, the long s, the Kelvin sign. */
function smallLetter(code: number): number {
  if (code < 0x80) return code >= 0x41 && code <= 0x5a ? code + 0x20 : code
  if (code === 0x130 || code === 0x131) return 0x69
  if (code === 0x17f) return 0x73
  if (code === 0x212a) return 0x6b
  return code
}

function skipSpaceAndComments(lexer: Lexer): void {
  const { text } = lexer
  const { length } = text
  let at = lexer.next
  while (at < length) {
    const code = text.charCodeAt(at)
    if (code <= SPACE) {
      at += 1
      if (code <= CR && endsLine(text, at - 1)) startLine(lexer, at)
    } else if (code === SLASH && at + 1 < length) {
      const second = text.charCodeAt(at + 1)
      if (second === SLASH) at = endOfLine(text, at + 2)
      else if (second === STAR) at = skipBlockComment(lexer, at + 2)
      else break
    } else break
  }
  lexer.next = at
}

function endOfLine(text: string, from: number): number {
  let at = from
  for (; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === LF || code === CR) break
  }
  return at
}

/** A comment without an end hides the rest of the text, which nobody then refuses by itself. */
function skipBlockComment(lexer: Lexer, from: number): number {
  const { text } = lexer
  const line = lexer.nextLine
  const column = from - 2 - lexer.nextLineStart + 1
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === STAR && at + 1 < text.length && text.charCodeAt(at + 1) === SLASH) return at + 2
    if (code <= CR && endsLine(text, at)) startLine(lexer, at + 1)
  }
  lexer.openComment = line
  lexer.openCommentColumn = column
  return text.length
}

function readWord(lexer: Lexer): void {
  const { text } = lexer
  let at = lexer.from + 1
  for (; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code <= 0xff && WORD_CHARACTERS[code] !== 1) break
  }
  lexer.kind = WORD
  lexer.to = at
  lexer.next = at
}

/** Ends at its quote, before an end of line, or at the end of the text. A backslash takes any character with it. */
function readString(lexer: Lexer, quote: number): void {
  const { text } = lexer
  let at = lexer.from + 1
  lexer.kind = quote
  lexer.from = at
  lexer.escaped = false
  lexer.closed = false
  while (at < text.length) {
    const code = text.charCodeAt(at)
    if (code === quote) {
      lexer.closed = true
      break
    }
    if (code === LF || code === CR) break
    at += 1
    if (code === BACKSLASH) {
      lexer.escaped = true
      at += 1
      if (endsLine(text, at - 1)) startLine(lexer, at)
    }
  }
  lexer.to = Math.min(at, text.length)
  lexer.next = lexer.closed ? at + 1 : lexer.to
}

/** LF, or a CR without one behind it. */
function endsLine(text: string, at: number): boolean {
  if (at >= text.length) return false
  const code = text.charCodeAt(at)
  return code === LF || (code === CR && !(at + 1 < text.length && text.charCodeAt(at + 1) === LF))
}

function startLine(lexer: Lexer, start: number): void {
  lexer.nextLine += 1
  lexer.nextLineStart = start
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['a', '\x07'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
])

/** C escapes: a letter, or up to three octal digits that stay below 256; any other character stands for itself. */
function unescape(text: string): string {
  const parts: string[] = []
  let from = 0
  for (let at = text.indexOf('\\'); at >= 0; at = text.indexOf('\\', from)) {
    parts.push(text.slice(from, at))
    const digits = octalDigits(text, at + 1)
    if (digits > 0) {
      parts.push(String.fromCharCode(Number.parseInt(text.slice(at + 1, at + 1 + digits), 8)))
    } else {
      const char = text.slice(at + 1, at + 2)
      parts.push(ESCAPES.get(char) ?? char)
    }
    from = at + 1 + Math.max(digits, 1)
  }
  parts.push(text.slice(from))
  return parts.join('')
}

/** How many octal digits belong to the escape whose first digit would stand at `at`. */
function octalDigits(text: string, at: number): number {
  if (!isOctal(text, at)) return 0
  if (!isOctal(text, at + 1)) return 1
  return text.charCodeAt(at) <= 0x33 && isOctal(text, at + 2) ? 3 : 2
}

function isOctal(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  return code >= 0x30 && code <= 0x37
}
