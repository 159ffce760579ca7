/**
 * Reading JSON text with faults a person can act on: line and column of a syntax
 * error (JSON.parse names them on some Node versions only), and duplicate keys, of
 * which JSON.parse silently keeps the last while a reader sees the first.
 * Values come from JSON.parse; this file only looks at the text.
 */
interface JsonFault {
  /** JSON pointer of the place; of the innermost value begun for a syntax error. */
  readonly pointer: string
  readonly message: string
  readonly remedy: string
}
export type JsonResult = { readonly value: unknown } | { readonly faults: readonly JsonFault[] }

/** Nesting beyond this is a fault: no document of ours comes near it. */
const MAX_DEPTH = 64
/** Characters of a key; every pointer below repeats it, so a hostile one would be held once for each fault. */
const MAX_KEY = 256
/** Duplicates beyond this are not told: each is placed by counting lines from the top. */
const MAX_DUPLICATES = 100

export function readJson(text: string): JsonResult {
  const scan: Scan = { text, at: 0, pointer: [], duplicates: [] }
  try {
    skipSpace(scan)
    scanValue(scan)
    skipSpace(scan)
    if (scan.at < text.length) fail(scan, 'there is more text behind the end of the document', 'remove it')
  } catch (error) {
    if (!(error instanceof Malformed)) throw error
    return { faults: [error.fault] }
  }
  return scan.duplicates.length > 0 ? { faults: scan.duplicates } : { value: JSON.parse(text) as unknown }
}

/**
 * Where the value a JSON pointer names begins; line and column from 1, a column counts
 * UTF-16 units. `undefined` for text that is no JSON or has no such value.
 */
export function locate(text: string, pointer: string): Place | undefined {
  const scan: Scan = { text, at: 0, pointer: [], duplicates: [], wanted: pointer }
  try {
    skipSpace(scan)
    scanValue(scan)
  } catch (error) {
    if (!(error instanceof Malformed)) throw error
  }
  return scan.found === undefined ? undefined : placeOf(text, scan.found)
}

export interface Place {
  readonly line: number
  readonly column: number
}

/** One key or index as a JSON pointer token (RFC 6901 section 3). */
export function pointerToken(key: string): string {
  return `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`
}

interface Scan {
  readonly text: string
  at: number
  readonly pointer: string[]
  readonly duplicates: JsonFault[]
  /** A pointer whose value's offset goes to `found`. */
  readonly wanted?: string
  found?: number
}

class Malformed extends Error {
  readonly fault: JsonFault
  constructor(fault: JsonFault) {
    super(fault.message)
    this.fault = fault
  }
}

function scanValue(scan: Scan): void {
  if (scan.pointer.length > MAX_DEPTH)
    fail(scan, `values are nested more than ${MAX_DEPTH} deep`, 'flatten them')
  if (scan.wanted !== undefined && scan.pointer.join('') === scan.wanted) scan.found ??= scan.at
  const next = scan.text[scan.at]
  if (next === '{') scanMembers(scan)
  else if (next === '[') scanItems(scan)
  else if (next === '"') scanString(scan)
  else scanWord(scan)
}

function scanMembers(scan: Scan): void {
  const seen = new Set<string>()
  scanList(scan, '}', () => {
    if (scan.text[scan.at] !== '"') fail(scan, 'a key in double quotes is expected here', keyRemedy(scan))
    const from = scan.at
    const key = scanString(scan)
    if (key.length > MAX_KEY) {
      scan.at = from
      fail(scan, `a key has more than ${MAX_KEY} characters`, 'shorten it')
    }
    scan.pointer.push(pointerToken(key))
    if (seen.has(key) && scan.duplicates.length < MAX_DUPLICATES) {
      scan.duplicates.push({
        pointer: scan.pointer.join(''),
        message: `the key '${key}' stands here a second time, at ${placeText(scan.text, from)}`,
        remedy: 'keep one of the two',
      })
    }
    seen.add(key)
    skipSpace(scan)
    if (scan.text[scan.at] !== ':')
      fail(scan, `':' is expected behind the key '${key}'`, 'write \'"key": value\'')
    scan.at += 1
    skipSpace(scan)
    scanValue(scan)
    scan.pointer.pop()
  })
}

function scanItems(scan: Scan): void {
  let index = 0
  scanList(scan, ']', () => {
    scan.pointer.push(pointerToken(String(index)))
    scanValue(scan)
    scan.pointer.pop()
    index += 1
  })
}

function scanList(scan: Scan, close: string, scanItem: () => void): void {
  scan.at += 1
  skipSpace(scan)
  if (scan.text[scan.at] === close) {
    scan.at += 1
    return
  }
  for (;;) {
    scanItem()
    skipSpace(scan)
    const next = scan.text[scan.at]
    scan.at += 1
    if (next === close) return
    if (next !== ',') {
      scan.at -= 1
      fail(scan, `',' or '${close}' is expected here`, `separate with ',' and end with '${close}'`)
    }
    const comma = scan.at - 1
    skipSpace(scan)
    if (scan.text[scan.at] === close) {
      scan.at = comma
      fail(scan, `',' stands before '${close}'`, "remove the ','")
    }
  }
}

function scanString(scan: Scan): string {
  const from = scan.at
  for (scan.at += 1; scan.at < scan.text.length; scan.at += 1) {
    const char = scan.text[scan.at] ?? ''
    if (char === '"') {
      scan.at += 1
      return JSON.parse(scan.text.slice(from, scan.at)) as string
    }
    if (char < ' ')
      fail(scan, 'a text has a control character or a line break in it', 'escape it, or close the quotes')
    if (char === '\\') {
      const escape = /^\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/.exec(scan.text.slice(scan.at, scan.at + 6))?.[0]
      if (escape === undefined) fail(scan, 'this escape is not known', "write '\\\\' for one backslash")
      scan.at += escape.length - 1
    }
  }
  scan.at = from
  return fail(scan, 'a text that begins here has no end', 'close the quotes')
}

function scanWord(scan: Scan): void {
  const word = /^[^\s,:"{}[\]]*/.exec(scan.text.slice(scan.at, scan.at + 64))?.[0] ?? ''
  if (!/^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)$/.test(word)) {
    const comment = word.startsWith('/') || word.startsWith('#')
    const found = word === '' ? (scan.text[scan.at] ?? 'the end of the file') : word
    fail(
      scan,
      scan.at >= scan.text.length ? 'the file ends where a value is expected' : `'${found}' is no JSON value`,
      comment
        ? 'remove the comment; JSON has none'
        : 'write a text in double quotes, a number, true, false, null, {…} or […]',
    )
  }
  scan.at += word.length
}

function skipSpace(scan: Scan): void {
  while (' \t\r\n'.includes(scan.text[scan.at] ?? '-')) scan.at += 1
}

function keyRemedy(scan: Scan): string {
  return scan.text[scan.at] === '/' ? 'remove the comment; JSON has none' : 'write "key" in double quotes'
}

function fail(scan: Scan, message: string, remedy: string): never {
  throw new Malformed({
    pointer: scan.pointer.join(''),
    message: `${message}, at ${placeText(scan.text, scan.at)}`,
    remedy,
  })
}

function placeText(text: string, at: number): string {
  const { line, column } = placeOf(text, at)
  return `line ${line} column ${column}`
}

/** Both from 1; a column counts UTF-16 units, as editors do. */
function placeOf(text: string, at: number): Place {
  const lines = text.slice(0, at).split('\n')
  return { line: lines.length, column: (lines[lines.length - 1] ?? '').length + 1 }
}
