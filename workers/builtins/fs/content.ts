/**
 * Reading and writing whole files. The steps are written once, as generators that
 * yield each reading and writing; `now` does a step at once, `later` beside the thread.
 */
import { argumentError } from './argument-error.js'
import {
  bytesToWrite,
  flagsOf,
  inEncoding,
  modeOf,
  optionsOf,
  throwIfAborted,
  type Options,
} from './options.js'
import { pathOf } from './path.js'
import { power } from './power.js'

type Step =
  | { readonly kind: 'read'; readonly id: number; readonly length: number }
  | { readonly kind: 'write'; readonly id: number; readonly bytes: Uint8Array }
  /** What a function of the caller answers later. */
  | { readonly kind: 'wait'; readonly promise: PromiseLike<unknown> }
export type Steps<T> = Generator<Step, T, unknown>

/** Up to so many bytes a step is done at once: the way through the pool would take longer. */
const SMALL_BYTES = 65_536

export function now<T>(steps: Steps<T>): T {
  let given: unknown
  for (;;) {
    const turn = steps.next(given)
    if (turn.done === true) return turn.value
    try {
      given = doNow(turn.value)
    } catch (error) {
      return endWith(steps, error)
    }
  }
}

export async function later<T>(steps: Steps<T>): Promise<T> {
  await new Promise<void>((resolve) => power.later(() => resolve()))
  let given: unknown
  for (;;) {
    const turn = steps.next(given)
    if (turn.done === true) return turn.value
    const step = turn.value
    try {
      if (step.kind === 'wait') given = await step.promise
      else if (isSmall(step)) given = doNow(step)
      else if (step.kind === 'read') given = await power.readLater(step.id, step.length, null)
      else given = await power.writeLater(step.id, step.bytes, null)
    } catch (error) {
      return endWith(steps, error)
    }
  }
}

function isSmall(step: Exclude<Step, { readonly kind: 'wait' }>): boolean {
  return (step.kind === 'read' ? step.length : step.bytes.length) <= SMALL_BYTES
}

function doNow(step: Step): unknown {
  if (step.kind === 'wait') {
    throw argumentError(
      'A function gave a promise where its answer is needed now',
      'ERR_INVALID_RETURN_VALUE',
    )
  }
  return step.kind === 'read'
    ? power.read(step.id, step.length, null)
    : power.write(step.id, step.bytes, null)
}

/** Lets the steps close what they opened; they end with this error. */
function endWith(steps: Steps<unknown>, error: unknown): never {
  steps.throw(error)
  throw error
}

/** `target` is a path or a number of an open file, which stays open. */
function* withFile<T>(
  target: unknown,
  flags: number,
  mode: number | undefined,
  use: (id: number) => Steps<T>,
): Steps<T> {
  if (typeof target === 'number') return yield* use(target)
  const id = power.open(pathOf(target), flags, mode)
  try {
    return yield* use(id)
  } finally {
    power.close(id)
  }
}

export function* readFile(target: unknown, given?: unknown): Steps<unknown> {
  const options = optionsOf(given)
  throwIfAborted(options)
  const { encoding, flag } = options
  const bytes = yield* withFile(target, flagsOf(flag, 'r'), 0o666, (id) => readAll(id, options))
  return inEncoding(bytes, encoding)
}

function* readAll(id: number, options: Options): Steps<Uint8Array> {
  const size = Number(power.fstat(id, false)['size'])
  if (size > 0) {
    const bytes = (yield { kind: 'read', id, length: size }) as Uint8Array
    throwIfAborted(options)
    if (bytes.length === size) return bytes
    return joinedBytes([bytes, ...(yield* readToEnd(id))])
  }
  return joinedBytes(yield* readToEnd(id)) // a file of /proc says 0
}

function* readToEnd(id: number): Steps<readonly Uint8Array[]> {
  const parts: Uint8Array[] = []
  for (let total = 0; ;) {
    const bytes = (yield { kind: 'read', id, length: SMALL_BYTES }) as Uint8Array
    if (bytes.length === 0) return parts
    total += bytes.length
    if (total > power.mostBytes) power.read(id, total, null) // says that it is too much
    parts.push(bytes)
  }
}

function joinedBytes(parts: readonly Uint8Array[]): Uint8Array {
  const [only] = parts
  if (parts.length === 1 && only !== undefined) return only
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

export function* writeFile(target: unknown, data: unknown, given?: unknown): Steps<void> {
  const options = optionsOf(given)
  throwIfAborted(options)
  const { encoding, flag, mode } = options
  const bytes = bytesToWrite(data, encoding)
  yield* withFile(target, flagsOf(flag, 'w'), modeOf(mode), (id) => writeAll(id, bytes))
}

export function* appendFile(target: unknown, data: unknown, given?: unknown): Steps<void> {
  const options = optionsOf(given)
  yield* writeFile(target, data, { ...options, flag: options['flag'] ?? 'a' })
}

export function* writeAll(id: number, bytes: Uint8Array): Steps<void> {
  for (let at = 0; at < bytes.length;) {
    at += (yield { kind: 'write', id, bytes: at === 0 ? bytes : bytes.subarray(at) }) as number
  }
}

const COPY_BYTES = 1_048_576
const { COPYFILE_EXCL = 1, O_WRONLY = 1, O_CREAT = 0, O_EXCL = 0 } = power.constants

export function* copyFile(from: unknown, to: unknown, mode?: unknown): Steps<void> {
  const flags = O_WRONLY | O_CREAT | ((Number(mode ?? 0) & COPYFILE_EXCL) === 0 ? 0 : O_EXCL)
  yield* withFile(pathOf(from, 'src'), flagsOf('r', 'r'), undefined, function* (source) {
    const original = power.fstat(source, true)
    yield* withFile(pathOf(to, 'dest'), flags, Number(original['mode']), function* (target) {
      const { dev, ino } = power.fstat(target, true)
      if (dev === original['dev'] && ino === original['ino']) return // a copy onto itself changes nothing
      power.truncate(target, 0)
      for (;;) {
        const bytes = (yield { kind: 'read', id: source, length: COPY_BYTES }) as Uint8Array
        if (bytes.length === 0) return
        yield* writeAll(target, bytes)
      }
    })
  })
}

export function truncate(path: unknown, length?: unknown): void {
  const id = power.open(pathOf(path), flagsOf('r+', 'r+'), undefined)
  try {
    power.truncate(id, length)
  } finally {
    power.close(id)
  }
}
