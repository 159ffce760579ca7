/**
 * Arguments of a plugin as plain values: read once, checked here, then used. Node's
 * own checks would print what they refuse, and so run the plugin's code.
 */
import { bytesOf } from './bytes.js'
import { refusal } from './refusal.js'

/** A copy of the bytes, so that no later change of the plugin's memory matters. @throws TypeError when there are none */
export function bytesIn(value: unknown, name: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(viewIn(value, name))
}

/** The plugin's own memory, to be copied before any code of the plugin runs again. @throws as `bytesIn` */
export function viewIn(value: unknown, name: string): Uint8Array {
  const bytes = bytesOf(value)
  if (bytes === undefined) throw wrongType(name, 'an instance of Buffer, TypedArray, DataView or ArrayBuffer')
  return bytes
}

/** @throws TypeError for anything but a string of a sane length */
export function nameIn(value: unknown, name: string): string {
  if (typeof value !== 'string' || value.length > 100)
    throw wrongType(name, 'a string of at most 100 characters')
  return value
}

/** @throws TypeError for no number, RangeError for one that is not whole or not from `least` to `most` */
export function integerIn(value: unknown, name: string, least: number, most: number): number {
  if (typeof value !== 'number') throw wrongType(name, 'a number')
  if (!Number.isInteger(value) || value < least || value > most) {
    throw outOfRange(name, `a whole number from ${least} to ${most}`, value)
  }
  return value
}

/** The members of an object of the plugin, each to be read once: the next reading may give another value. */
export function fieldsOf(value: unknown, name: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) throw wrongType(name, 'an object')
  return value as Readonly<Record<string, unknown>>
}

type Callback = (...values: readonly unknown[]) => void

export function callbackIn(value: unknown): Callback {
  if (typeof value !== 'function') throw wrongType('callback', 'a function')
  return (...values) => Reflect.apply(value as Callback, undefined, values)
}

export function wrongType(name: string, expected: string): Error {
  return refusal('ERR_INVALID_ARG_TYPE', `The "${name}" argument must be ${expected}`, TypeError)
}

/** For a value that is none of a few words. */
export function badValue(name: string, expected: string): Error {
  return refusal('ERR_INVALID_ARG_VALUE', `The "${name}" argument must be ${expected}`, TypeError)
}

export function outOfRange(name: string, expected: string, received: number): Error {
  const message = `The value of "${name}" is out of range. It must be ${expected}. Received ${received}`
  return refusal('ERR_OUT_OF_RANGE', message, RangeError)
}

/** The bytes alone: a result of Node's that is a slice of a larger memory is copied out of it. */
export function alone(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer, byteLength } = bytes
  return buffer instanceof ArrayBuffer && buffer.byteLength === byteLength
    ? new Uint8Array(buffer)
    : new Uint8Array(bytes)
}
