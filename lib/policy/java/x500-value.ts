/**
 * The value of an attribute in an X.500 name, and its DER bytes (ITU-T X.690) in
 * hexadecimal: strings of the few kinds that names are made of, or bytes alone.
 */
export type Value =
  | { readonly kind: 'printable' | 'ascii' | 'utf8'; readonly text: string }
  | { readonly kind: 'bytes'; readonly text: string | null; readonly hex: string }

const TAGS: Readonly<Record<'printable' | 'ascii' | 'utf8', string>> = {
  printable: '13',
  ascii: '16',
  utf8: '0c',
}

/** As Java writes what a kind of string cannot hold: a question mark. */
export function makeValue(kind: keyof typeof TAGS, text: string): Value {
  return { kind, text: text.replace(kind === 'ascii' ? /[^\0-\x7f]/gu : /\p{Cs}/gu, '?') }
}

export function toHex(value: Value): string {
  if (value.kind === 'bytes') return value.hex
  const bytes = hexOf(new TextEncoder().encode(value.text))
  return TAGS[value.kind] + lengthHex(bytes.length / 2) + bytes
}

/** `null` for what is no single DER value. */
export function fromHex(hex: string): Value | null {
  if (hex.length % 2 === 1 || !/^[\da-f]{4,}$/i.test(hex)) return null
  const bytes = bytesOf(hex)
  const [tag = 0, short = 0] = bytes
  const longBytes = short < 0x80 ? 0 : short - 0x80
  if ((tag & 0x1f) === 0x1f || short === 0x80 || longBytes > 4) return null
  if (bytes.length < 2 + longBytes) return null
  const length =
    longBytes === 0 ? short : bytes.slice(2, 2 + longBytes).reduce((sum, byte) => sum * 256 + byte, 0)
  const content = bytes.slice(2 + longBytes)
  if (content.length !== length) return null
  return { kind: 'bytes', text: decode(tag, content), hex: hex.toLowerCase() }
}

export function utf8FromHex(hex: string): string {
  return decode(0x0c, bytesOf(hex)) ?? ''
}

function bytesOf(hex: string): readonly number[] {
  return hex.match(/../g)?.map((pair) => Number.parseInt(pair, 16)) ?? []
}

function decode(tag: number, content: readonly number[]): string | null {
  if (tag === 0x0c || tag === 0x1e) {
    return new TextDecoder(tag === 0x0c ? 'utf-8' : 'utf-16be', { ignoreBOM: true }).decode(
      Uint8Array.from(content),
    )
  }
  if (![0x13, 0x14, 0x16, 0x1b].includes(tag)) return null
  return content.map((byte) => String.fromCharCode(byte < 0x80 || tag === 0x14 ? byte : 0xfffd)).join('')
}

function lengthHex(length: number): string {
  if (length < 0x80) return hexOf([length])
  const hex = length.toString(16)
  const even = hex.length % 2 === 0 ? hex : `0${hex}`
  return hexOf([0x80 + even.length / 2]) + even
}

function hexOf(bytes: Iterable<number>): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
