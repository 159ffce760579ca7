/** Bytes that trusted code gave, as buffers of this plugin, wherever they are in a value. */
import { own, type BufferClass } from '../native-module.js'

export function ownBytes(
  Buffer: BufferClass,
  value: unknown,
  seen: Set<object> = new Set<object>(),
): unknown {
  if (value instanceof Uint8Array) return own(Buffer, value)
  if (typeof value !== 'object' || value === null || seen.has(value)) return value
  seen.add(value)
  for (const [key, item] of Object.entries(value)) Reflect.set(value, key, ownBytes(Buffer, item, seen))
  return value
}
