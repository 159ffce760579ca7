/**
 * Functions of open files. Their numbers are the plugin's own: none is a descriptor
 * of the process, whose descriptors no plugin can name.
 */
import { argumentError } from './argument-error.js'
import { bytesToWrite, flagsOf, modeOf, optionsOf } from './options.js'
import { pathOf } from './path.js'
import { power } from './power.js'
import { Stats } from './stats.js'

export function open(path: unknown, flags?: unknown, mode?: unknown): number {
  return power.open(pathOf(path), flagsOf(flags, 'r'), modeOf(mode))
}

export function close(id: unknown): void {
  power.close(id)
}

export function fstat(id: unknown, options?: unknown): Stats {
  return new Stats(power.fstat(id, optionsOf(options)['bigint'] === true))
}

export function ftruncate(id: unknown, length?: unknown): void {
  power.truncate(id, length)
}

/** Where in which memory: what the overloads of `read` and `write` say. */
interface Span {
  readonly bytes: Uint8Array
  readonly position: unknown
}

/** `(buffer, offset, length, position)`, `(buffer, options)` or `(options)`. */
export function spanToRead(args: readonly unknown[]): Span & { readonly buffer: unknown } {
  const [first, second] = args
  const isView = ArrayBuffer.isView(first)
  const options = optionsOf(isView ? second : first)
  const buffer = isView ? first : (options['buffer'] ?? Buffer.alloc(16_384))
  const isOptions = !isView || (typeof second === 'object' && second !== null)
  const [offset, length, position] = isOptions
    ? [options['offset'], options['length'], options['position']]
    : args.slice(1)
  return { buffer, position, bytes: part(buffer, offset, length) }
}

/** `(buffer, offset, length, position)`, `(buffer, options)` or `(text, position, encoding)`. */
export function spanToWrite(args: readonly unknown[]): Span {
  const [data, second, third, fourth] = args
  if (typeof data === 'string') return { bytes: bytesToWrite(data, third), position: second }
  const isOptions = typeof second === 'object' && second !== null
  const { offset, length, position } = isOptions
    ? optionsOf(second)
    : { offset: second, length: third, position: fourth }
  return { bytes: part(data, offset, length), position }
}

function part(view: unknown, offset: unknown, length: unknown): Uint8Array {
  if (!ArrayBuffer.isView(view)) {
    throw argumentError('The "buffer" argument must be an instance of Buffer, TypedArray, or DataView')
  }
  const from = whole(offset ?? 0, view.byteLength)
  const count = whole(length ?? view.byteLength - from, view.byteLength - from)
  return new Uint8Array(view.buffer, view.byteOffset + from, count)
}

function whole(value: unknown, most: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most) return value
  throw Object.assign(new RangeError(`The value ${String(value)} is out of range: 0 to ${most}`), {
    code: 'ERR_OUT_OF_RANGE',
  })
}

export function read(id: unknown, ...args: readonly unknown[]): number {
  const { bytes, position } = spanToRead(args)
  return fill(bytes, power.read(id, bytes.length, place(position)))
}

export async function readLater(
  id: unknown,
  ...args: readonly unknown[]
): Promise<{ bytesRead: number; buffer: unknown }> {
  const { bytes, position, buffer } = spanToRead(args)
  return { bytesRead: fill(bytes, await power.readLater(id, bytes.length, place(position))), buffer }
}

export function write(id: unknown, ...args: readonly unknown[]): number {
  const { bytes, position } = spanToWrite(args)
  return power.write(id, bytes, place(position))
}

export async function writeLater(
  id: unknown,
  ...args: readonly unknown[]
): Promise<{ bytesWritten: number; buffer: unknown }> {
  const { bytes, position } = spanToWrite(args)
  return { bytesWritten: await power.writeLater(id, bytes, place(position)), buffer: args[0] }
}

export function readv(id: unknown, views: unknown, position?: unknown): number {
  return inTurn(views, position, (view, at) => read(id, view, 0, view.byteLength, at))
}

export function writev(id: unknown, views: unknown, position?: unknown): number {
  return inTurn(views, position, (view, at) => write(id, view, 0, view.byteLength, at))
}

function inTurn(
  views: unknown,
  position: unknown,
  step: (view: ArrayBufferView, at: number | null) => number,
): number {
  let total = 0
  for (const view of views as Iterable<ArrayBufferView>) {
    const at = place(position)
    const count = step(view, typeof at === 'number' ? at + total : null)
    total += count
    if (count < view.byteLength) break
  }
  return total
}

function fill(into: Uint8Array, bytes: Uint8Array): number {
  into.set(bytes)
  return bytes.length
}

/** A position in the file, or `null` for where the last step ended. */
function place(position: unknown): number | null {
  const at = typeof position === 'bigint' ? Number(position) : position
  return typeof at === 'number' && at >= 0 ? at : null
}
