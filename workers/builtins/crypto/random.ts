/** Random bytes, numbers and names, all from the global `crypto`. */
import type { Module } from '../module.js'
import { invalidArgument, later, type BufferClass, type Callback } from '../native-module.js'

/** Most bytes of one `getRandomValues`. */
const SLICE_BYTES = 65_536
const MOST_BYTES = 0x7fff_ffff
/** `randomInt` draws 48 bits. */
const MOST_RANGE = 2 ** 48

export function randomFunctions(Buffer: BufferClass): Module {
  const fill = (bytes: Uint8Array): void => {
    for (let at = 0; at < bytes.length; at += SLICE_BYTES)
      crypto.getRandomValues(bytes.subarray(at, at + SLICE_BYTES))
  }
  const randomBytes = (size: unknown, callback?: unknown): unknown => {
    const bytes = Buffer.alloc(whole(size, 'size', 0, MOST_BYTES))
    fill(bytes)
    if (callback === undefined) return bytes
    later(callable(callback), null, bytes)
    return undefined
  }
  const randomFillSync = (target: unknown, offset: unknown = 0, size?: unknown): unknown => {
    fill(part(target, offset, size))
    return target
  }
  const draw = (least: number, most: number): number => {
    const range = most - least
    const fair = MOST_RANGE - (MOST_RANGE % range)
    for (;;) {
      const [high = 0, low = 0] = crypto.getRandomValues(new Uint32Array(2))
      const drawn = (high & 0xffff) * 2 ** 32 + low
      if (drawn < fair) return least + (drawn % range)
    }
  }
  return {
    randomBytes,
    randomFillSync,
    randomFill(target: unknown, ...values: readonly unknown[]) {
      const at = values.findIndex((value) => typeof value === 'function')
      const callback = callable(values[at])
      const [offset, size] = values.slice(0, at)
      fill(part(target, offset ?? 0, size))
      later(callback, null, target)
    },
    randomInt(...values: readonly unknown[]) {
      const callback = values.find((value): value is Callback => typeof value === 'function')
      const numbers = values.filter((value) => typeof value !== 'function' && value !== undefined)
      const [first, second] = numbers
      const least =
        numbers.length < 2 ? 0 : whole(first, 'min', Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)
      const most = whole(numbers.length < 2 ? first : second, 'max', least + 1, Number.MAX_SAFE_INTEGER)
      if (most - least >= MOST_RANGE) throw range('max', `at most min + ${MOST_RANGE - 1}`, most)
      const drawn = draw(least, most)
      if (callback === undefined) return drawn
      later(callback, null, drawn)
      return undefined
    },
    randomUUID: () => crypto.randomUUID(),
    getRandomValues: (array: unknown) => crypto.getRandomValues(array as Uint8Array<ArrayBuffer>),
    pseudoRandomBytes: randomBytes,
    prng: randomBytes,
    rng: randomBytes,
  }
}

/** The bytes of `target` from `offset` on; both counted in its elements, as in Node. */
function part(target: unknown, offset: unknown, size: unknown): Uint8Array {
  if (!ArrayBuffer.isView(target) && !(target instanceof ArrayBuffer)) {
    throw invalidArgument('buf', 'an instance of ArrayBuffer or a view over one')
  }
  const [memory, start] = ArrayBuffer.isView(target) ? [target.buffer, target.byteOffset] : [target, 0]
  const width = (target as Partial<Uint8Array>).BYTES_PER_ELEMENT ?? 1
  const from = whole(offset, 'offset', 0, target.byteLength / width) * width
  const bytes =
    size === undefined
      ? target.byteLength - from
      : whole(size, 'size', 0, (target.byteLength - from) / width) * width
  return new Uint8Array(memory, start + from, bytes)
}

function callable(value: unknown): Callback {
  if (typeof value === 'function') return value as Callback
  throw invalidArgument('callback', 'a function')
}

function whole(value: unknown, name: string, least: number, most: number): number {
  if (typeof value !== 'number') throw invalidArgument(name, 'a number')
  if (!Number.isSafeInteger(value) || value < least || value > most)
    throw range(name, `>= ${least} && <= ${most}`, value)
  return value
}

function range(name: string, expected: string, received: number): RangeError {
  const message = `The value of "${name}" is out of range. It must be ${expected}. Received ${received}`
  return Object.assign(new RangeError(message), { code: 'ERR_OUT_OF_RANGE' })
}
