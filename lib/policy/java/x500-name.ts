/**
 * The name of an `X500Principal` as the JDK keeps it. It reads a name in the form of
 * RFC 1779, prints it, reads that again, and prints it in the form of RFC 2253; the
 * detour loses and changes a few things, so all four steps are done here as well.
 * How the two kinds of value go to and from bytes is for x500-value.ts.
 */
import { fromHex, makeValue, toHex, utf8FromHex, type Value } from './x500-value.js'

/** One `type=value`; a name is a list of lists of them. */
interface Attribute {
  /** The type as an object identifier. */
  readonly oid: string
  readonly value: Value
}
type Name = readonly (readonly Attribute[])[]

/** `null` for a text that the JDK refuses as a name. */
export function normalizeX500Name(text: string): string | null {
  const first = readName(text)
  if (first === null) return null
  const second = readName(printName(first, ', ', ' + ', printPlain))
  return second === null ? null : printName(second, ',', '+', printRFC2253)
}

/** `plain` is the keyword that the JDK prints itself, `standard` whether RFC 2253 knows it. */
const TYPES: readonly (readonly [oid: string, keywords: string, standard: boolean])[] = [
  ['2.5.4.3', 'CN', true],
  ['2.5.4.6', 'C', true],
  ['2.5.4.7', 'L', true],
  ['2.5.4.8', 'ST S', true],
  ['2.5.4.10', 'O', true],
  ['2.5.4.11', 'OU', true],
  ['2.5.4.12', 'T', false],
  ['1.3.6.1.4.1.42.2.11.2.1', 'IP', false],
  ['2.5.4.9', 'STREET', true],
  ['0.9.2342.19200300.100.1.25', 'DC', true],
  ['2.5.4.46', 'DNQ DNQUALIFIER', false],
  ['2.5.4.4', 'SURNAME', false],
  ['2.5.4.42', 'GIVENNAME', false],
  ['2.5.4.43', 'INITIALS', false],
  ['2.5.4.44', 'GENERATION', false],
  ['1.2.840.113549.1.9.1', 'EMAILADDRESS EMAIL', false],
  ['0.9.2342.19200300.100.1.1', 'UID', true],
  ['2.5.4.5', 'SERIALNUMBER', false],
]
const OIDS: ReadonlyMap<string, string> = new Map(
  TYPES.flatMap(([oid, keywords]) => keywords.split(' ').map((keyword) => [keyword, oid] as const)),
)
const KEYWORDS: ReadonlyMap<string, string> = new Map(
  TYPES.map(([oid, keywords]) => [oid, keywords.split(' ', 1)[0] ?? '']),
)
const STANDARD: ReadonlySet<string> = new Set(TYPES.flatMap(([oid, , standard]) => (standard ? [oid] : [])))
/** E-mail addresses and domain components are ASCII only. */
const ASCII: ReadonlySet<string> = new Set(['1.2.840.113549.1.9.1', '0.9.2342.19200300.100.1.25'])

function readName(text: string): Name | null {
  if (text === '') return []
  const name: Attribute[][] = []
  for (const part of split(text, ',;', escapedSeparator)) {
    const attributes: Attribute[] = []
    for (const piece of split(part, '+', (text, at) => at === 0 || text[at - 1] === '\\')) {
      const attribute = readAttribute(piece)
      if (attribute === null) return null
      attributes.push(attribute)
    }
    name.push(attributes)
  }
  return name
}

type Escaped = (text: string, at: number, from: number) => boolean

/** Cuts at separators that are not escaped and stand behind no opening quote, or behind several. */
function split(text: string, separators: string, escaped: Escaped): readonly string[] {
  const parts: string[] = []
  let begin = 0
  let from = 0
  let quotes = 0
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at] ?? ''
    if (char === '"' && (at === from || text[at - 1] !== '\\')) quotes += 1
    if (!separators.includes(char)) continue
    if (quotes !== 1 && !escaped(text, at, from)) {
      parts.push(text.slice(begin, at))
      begin = at + 1
      quotes = 0
    }
    from = at + 1
  }
  parts.push(text.slice(begin))
  return parts
}

/** After two backslashes the JDK counts all since the last separator, not only those before this one. */
function escapedSeparator(text: string, at: number, from: number): boolean {
  if (at < 1 || text[at - 1] !== '\\') return false
  if (at < 2 || text[at - 2] !== '\\') return true
  return (text.slice(from, at).split('\\').length - 1) % 2 === 1
}

function readAttribute(text: string): Attribute | null {
  const equals = text.indexOf('=')
  const oid = equals < 0 ? null : readType(text.slice(0, equals))
  if (oid === null) return null
  const written = text.slice(equals + 1).replace(/^[ \n]+/, '')
  if (written === '') return { oid, value: makeValue('printable', '') }
  if (written.startsWith('#')) {
    const value = fromHex(written.slice(1, endOfValue(written)))
    return value === null ? null : { oid, value }
  }
  const string = written.startsWith('"') ? readQuoted(written) : readPlain(written)
  if (string === null) return null
  return { oid, value: makeValue(ASCII.has(oid) ? 'ascii' : string.utf8 ? 'utf8' : 'printable', string.text) }
}

function endOfValue(text: string): number {
  const end = text.search(/[+,;]/)
  return end < 0 ? text.length : end
}

function readType(text: string): string | null {
  const keyword = trim(text.toUpperCase())
  const known = OIDS.get(keyword)
  if (known !== undefined) return known
  const oid = keyword.startsWith('OID.') ? keyword.slice(4) : keyword
  const [first, second] = oid.split('.', 2).map(Number)
  if (!/^\d+(?:\.\d+)+$/.test(oid) || first === undefined || second === undefined) return null
  return first < 2 ? (second < 40 ? oid : null) : first === 2 ? oid : null
}

/** As Java trims: all control characters count as space. */
function trim(text: string): string {
  let from = 0
  let to = text.length
  while (from < to && text.charCodeAt(from) <= 0x20) from += 1
  while (to > from && text.charCodeAt(to - 1) <= 0x20) to -= 1
  return text.slice(from, to)
}

interface StringValue {
  readonly text: string
  /** It has bytes written as hexadecimal digits, or characters outside a PrintableString. */
  readonly utf8: boolean
}

const UNPRINTABLE = /[^A-Za-z\d '()+,\-./:=?]/
const BYTES = /(?:\\[\da-f]{2})+/iy
const QUOTED_ESCAPES = ',=\n+<>#;\\"'
const PLAIN_ESCAPES = `${QUOTED_ESCAPES} `

function readQuoted(written: string): StringValue | null {
  const parts: string[] = []
  let utf8 = false
  for (let at = 1; at < written.length;) {
    const char = written[at] ?? ''
    if (char === '"') {
      return /^[ \n]*$/.test(written.slice(at + 1)) ? { text: trim(parts.join('')), utf8 } : null
    }
    const escape =
      char === '\\' ? readEscape(written, at, QUOTED_ESCAPES) : { text: char, length: 1, bytes: false }
    if (escape === null) return null
    parts.push(escape.text)
    utf8 ||= escape.bytes || UNPRINTABLE.test(escape.text)
    at += escape.length
  }
  return null
}

function readPlain(written: string): StringValue | null {
  const parts: string[] = []
  let spaces = 0
  let utf8 = false
  for (let at = 0; at < written.length && (at === 0 || !'+,;'.includes(written[at] ?? ''));) {
    const char = written[at] ?? ''
    if (',+<>;"'.includes(char)) return null
    const escape =
      char === '\\' ? readEscape(written, at, PLAIN_ESCAPES) : { text: char, length: 1, bytes: false }
    if (escape === null) return null
    at += escape.length
    utf8 ||= escape.bytes || UNPRINTABLE.test(escape.text)
    if (char === ' ') {
      spaces += 1
      continue
    }
    // Spaces count once something follows them; bytes at the very end do not.
    const last = escape.bytes && (at >= written.length || '+,;'.includes(written[at] ?? ''))
    parts.push(last ? '' : ' '.repeat(spaces), escape.text)
    spaces = 0
  }
  return { text: parts.join(''), utf8 }
}

interface Escape {
  readonly text: string
  readonly length: number
  readonly bytes: boolean
}

/** One escaped character, or all the bytes that stand in a row. */
function readEscape(written: string, at: number, allowed: string): Escape | null {
  BYTES.lastIndex = at
  const bytes = BYTES.exec(written)?.[0]
  if (bytes !== undefined) {
    return { text: utf8FromHex(bytes.replaceAll('\\', '')), length: bytes.length, bytes: true }
  }
  const char = written[at + 1] ?? ''
  return char !== '' && allowed.includes(char) ? { text: char, length: 2, bytes: false } : null
}

function printName(
  name: Name,
  between: string,
  plus: string,
  print: (attribute: Attribute) => string,
): string {
  return name.map((attributes) => attributes.map(print).join(plus)).join(between)
}

function printPlain({ oid, value }: Attribute): string {
  const keyword = KEYWORDS.get(oid) ?? `OID.${oid}`
  if (value.text === null) return `${keyword}=#${toHex(value)}`
  const { text } = value
  if (text.length > 1 && text.startsWith('"') && text.endsWith('"')) {
    return `${keyword}="${text.slice(1, -1).replace(/["\\]/g, '\\$&')}"`
  }
  const quoted = /[,+=\n<>#;\\"]|^ | {2}| $/.test(text)
  const escaped = text.replace(/["\\]/g, '\\$&')
  return quoted ? `${keyword}="${escaped}"` : `${keyword}=${escaped}`
}

function printRFC2253({ oid, value }: Attribute): string {
  if (!STANDARD.has(oid)) return `${oid}=#${toHex(value)}`
  const keyword = KEYWORDS.get(oid) ?? oid
  if (value.text === null) return `${keyword}=#${toHex(value)}`
  const escaped = value.text.replace(/[,=+<>#;"\\]/g, '\\$&').replaceAll('\0', '\\00')
  let begin = 0
  let end = escaped.length
  while (begin < end && isSpace(escaped[begin])) begin += 1
  while (end > begin && isSpace(escaped[end - 1])) end -= 1
  const escapeAll = (part: string): string => part.replace(/[ \r]/g, '\\$&')
  return `${keyword}=${escapeAll(escaped.slice(0, begin))}${escaped.slice(begin, end)}${escapeAll(escaped.slice(end))}`
}

function isSpace(char: string | undefined): boolean {
  return char === ' ' || char === '\r'
}
