/** Values as WebIDL reads them: bytes are copied, numbers are whole. */

export function bytesIn(value: unknown, name: string): Uint8Array<ArrayBuffer> {
  if (ArrayBuffer.isView(value))
    return new Uint8Array(new Uint8Array(value.buffer, value.byteOffset, value.byteLength))
  if (value instanceof ArrayBuffer) return new Uint8Array(value.slice(0))
  throw typeError(name, 'an instance of ArrayBuffer, Buffer, TypedArray, or DataView')
}

/** [EnforceRange]: anything that reads as a number, cut to a whole one. */
export function integerIn(value: unknown, name: string, most: number): number {
  const number = Math.trunc(Number(value))
  if (!(number >= 0 && number <= most)) throw typeError(name, `a number from 0 to ${most}`)
  return number + 0
}

export function required(value: unknown, name: string): unknown {
  if (value !== undefined) return value
  throw Object.assign(new TypeError(`${name} is required`), { code: 'ERR_MISSING_OPTION' })
}

export function typeError(name: string, expected: string): TypeError {
  const message = `The "${name}" argument must be ${expected}`
  return Object.assign(new TypeError(message), { code: 'ERR_INVALID_ARG_TYPE' })
}

export function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
