/**
 * Reads the bytes behind a plugin's buffer by internal slot, never by property: a
 * subclass of Uint8Array may answer `buffer` or `byteLength` with anything.
 */

type Getter<T> = (this: unknown) => T

const TypedArrayPrototype = Object.getPrototypeOf(Uint8Array.prototype) as object
const getter = <T>(owner: object, name: string | symbol): Getter<T> => {
  const get = Object.getOwnPropertyDescriptor(owner, name)?.get as Getter<T> | undefined
  if (get === undefined) throw new Error(`no getter for ${String(name)} in this JavaScript engine`)
  return get
}
const typedArrayTag = getter<string | undefined>(TypedArrayPrototype, Symbol.toStringTag)
const typedArray = {
  buffer: getter<ArrayBuffer>(TypedArrayPrototype, 'buffer'),
  byteOffset: getter<number>(TypedArrayPrototype, 'byteOffset'),
  byteLength: getter<number>(TypedArrayPrototype, 'byteLength'),
}
const dataView = {
  buffer: getter<ArrayBuffer>(DataView.prototype, 'buffer'),
  byteOffset: getter<number>(DataView.prototype, 'byteOffset'),
  byteLength: getter<number>(DataView.prototype, 'byteLength'),
}
const arrayBufferLength = getter<number>(ArrayBuffer.prototype, 'byteLength')
const { apply } = Reflect
const { isView } = ArrayBuffer
const Bytes = Uint8Array

/** 'Uint8Array' and so on by internal slot, or `undefined` for anything that is no typed array. */
export function typedArrayName(value: unknown): string | undefined {
  return apply(typedArrayTag, value, [])
}

/** A plain Uint8Array over the same memory, or `undefined` when `value` has none. */
export function bytesOf(value: unknown): Uint8Array | undefined {
  if (isView(value)) {
    const read = typedArrayName(value) === undefined ? dataView : typedArray
    return new Bytes(
      apply(read.buffer, value, []),
      apply(read.byteOffset, value, []),
      apply(read.byteLength, value, []),
    )
  }
  return isArrayBuffer(value) ? new Bytes(value) : undefined
}

/** Whether `value` is a genuine ArrayBuffer of this realm. */
export function isArrayBuffer(value: unknown): value is ArrayBuffer {
  try {
    apply(arrayBufferLength, value, [])
    return true
  } catch {
    return false
  }
}
