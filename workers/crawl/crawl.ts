/**
 * The walk an attacker would make, with trusted eyes: from the roots along own properties, symbols,
 * prototypes, getters, entries of Maps and Sets. It says what it met; what two plugins both meet is
 * shared.ts, what to walk from is explorer.ts.
 *
 * A getter of the plugin runs when it is read, as the plugin could run it: in a `try`, and bounded.
 */
import { types } from 'node:util'
import type { Finding } from '../../lib/protocol/authority.js'
import type { FindHostPath } from './host-paths.js'
import type { HostObjects } from './host-objects.js'
import type { Language } from './language.js'

export interface Root {
  readonly path: string
  readonly value: unknown
  /** Trusted code made it: all that it leads to must be beyond change. */
  readonly frozen?: boolean
  /** A result of a call: bytes in it must have their memory to themselves. */
  readonly result?: boolean
}

export interface Facts {
  readonly language: Language
  readonly host: HostObjects
  readonly findPath: FindHostPath
  /** Lets the thread answer its host between two slices of the walk. */
  readonly turn: () => Promise<void>
  /** Milliseconds, monotonic. */
  readonly now: () => number
}

export interface Bounds {
  readonly objects: number
  /** Edges from a root. */
  readonly depth: number
  readonly timeMs: number
}

export const DEFAULT_BOUNDS: Bounds = { objects: 300_000, depth: 200, timeMs: 30_000 }

export interface Crawl {
  /** Each object and function with the path it was first met by. */
  readonly met: ReadonlyMap<object, Step>
  readonly findings: readonly Finding[]
  readonly complete: boolean
}

/** One edge of a path; a path is made of them only when somebody is told. */
export interface Step {
  readonly from: Step | undefined
  readonly edge: string
  readonly depth: number
  /** Trusted code made what it comes from. */
  readonly frozen: boolean
  /** How many getters on the way made a new object for this one reading. */
  readonly fresh: number
  readonly result: boolean
}

/** A getter that makes an object which has the same getter would never end. */
const MOST_FRESH = 3
/** Elements of arrays that are looked at; the others are of the same kind. */
const MOST_ELEMENTS = 200
/** Of bytes with more, properties of their own are not looked for. */
const MOST_BYTES = 4096
const MOST_FINDINGS = 500
const SLICE = 2000

export async function crawl(
  roots: readonly Root[],
  facts: Facts,
  bounds: Bounds = DEFAULT_BOUNDS,
): Promise<Crawl> {
  const met = new Map<object, Step>()
  const texts = new Set<string>()
  const findings: Finding[] = []
  const startedMs = facts.now()
  let complete = true
  let ahead: [object, Step][] = []

  function found(kind: Finding['kind'], step: Step, what: string): void {
    if (findings.length < MOST_FINDINGS) findings.push({ kind, path: pathOf(step), what })
    else complete = false
  }
  function lookAtText(text: string, step: Step): void {
    if (texts.has(text)) return
    texts.add(text)
    const place = facts.findPath(text)
    if (place !== undefined) found('host-path', step, place)
  }
  /** Notes an object to be looked at; of other values only the text says anything. */
  function note(value: unknown, step: Step): void {
    if (typeof value === 'string') lookAtText(value, step)
    else if (typeof value === 'symbol') lookAtText(value.description ?? '', step)
    else if (isObject(value) && !met.has(value)) {
      met.set(value, step)
      ahead.push([value, step])
    }
  }
  function lookAt(value: object, step: Step): void {
    const host = facts.host.of(value)
    if (host !== undefined) return found(host.kind, step, host.what) // all behind it is the host's too
    if (step.frozen && step.fresh === 0 && isLoose(value)) found('shared-mutable', step, whatIs(value))
    if (step.result && isSlice(value)) found('shared-memory', step, 'bytes that are part of a larger memory')
    if (typeof value === 'function' && makesHostCode(value))
      found('host-function', step, 'called, it makes a function of the host')
    const { depth, frozen, result } = step
    for (const [next, edge, more] of edgesOf(value, facts.language)) {
      const fresh = step.fresh + more
      if (edge.length > 1) lookAtText(edge, step)
      if (fresh <= MOST_FRESH) note(next, { from: step, edge, depth: depth + 1, frozen, fresh, result })
    }
  }

  // What trusted code made first: an object that the plugin has by another way too is held to the stricter rule.
  for (const group of [roots.filter(({ frozen }) => frozen), roots.filter(({ frozen }) => !frozen)]) {
    for (const { path, value, frozen = false, result = false } of group)
      note(value, { from: undefined, edge: path, depth: 0, frozen, fresh: 0, result })
    // Breadth first, so that each object is met by a shortest path; one generation at a time, to keep no more.
    for (let looked = 0; ahead.length > 0;) {
      const generation = ahead
      ahead = []
      for (const [value, step] of generation) {
        if (++looked % SLICE === 0) await facts.turn()
        const isOver =
          met.size > bounds.objects || step.depth > bounds.depth || facts.now() - startedMs > bounds.timeMs
        if (isOver) complete = false
        else lookAt(value, step)
      }
    }
  }
  return { met, findings, complete }
}

export function pathOf(step: Step): string {
  const edges: string[] = []
  for (let at: Step | undefined = step; at !== undefined; at = at.from) edges.push(at.edge)
  return edges.toReversed().join('')
}

/** Whether whoever holds it can change it, or what it holds. */
export function isLoose(value: object): boolean {
  if (ArrayBuffer.isView(value)) return false // its bytes are data; who shares them is asked elsewhere
  if (!Object.isFrozen(value)) return true
  // Frozen or not, their contents change.
  return (
    types.isMap(value) ||
    types.isSet(value) ||
    types.isWeakMap(value) ||
    types.isWeakSet(value) ||
    types.isDate(value)
  )
}

export function whatIs(value: object): string {
  if (typeof value === 'function')
    return `function ${String(Object.getOwnPropertyDescriptor(value, 'name')?.value)}`
  if (Array.isArray(value)) return 'an array'
  if (types.isAnyArrayBuffer(value) || ArrayBuffer.isView(value)) return 'bytes'
  return 'an object'
}

function isSlice(value: object): boolean {
  if (!types.isUint8Array(value)) return false
  return value.byteLength < value.buffer.byteLength
}

type Edge = readonly [value: unknown, edge: string, fresh: number]

/** Everything that one step leads to. The traps of a proxy and the getters of the plugin may run, and throw. */
function edgesOf(value: object, language: Language): readonly Edge[] {
  const edges: Edge[] = []
  const add: Add = (next, edge, fresh = 0) => void edges.push([next, edge, fresh])
  const prototype = attempt(() => Object.getPrototypeOf(value) as unknown)
  add(prototype, '.[[Prototype]]')
  for (const key of keysOf(value)) {
    const own = attempt(() => Object.getOwnPropertyDescriptor(value, key))
    if (own === undefined || own instanceof Thrown) continue
    const edge = edgeOf(key)
    if ('value' in own) add(own.value, edge)
    else {
      add(own.get, `${edge}[get]`)
      add(own.set, `${edge}[set]`)
      if (own.get !== undefined) addRead(value, value, key, edge, add)
    }
    add(typeof key === 'symbol' ? key : undefined, edge)
  }
  if (ArrayBuffer.isView(value)) add(value.buffer, '.buffer')
  addInherited(value, language, add)
  if (types.isMap(value)) {
    let index = 0
    Map.prototype.forEach.call(value, (held, key) => {
      if (index > MOST_ELEMENTS) return
      add(key, `.keys()[${index}]`)
      add(held, `.values()[${index++}]`)
    })
  }
  if (types.isSet(value)) {
    let index = 0
    Set.prototype.forEach.call(value, (held) => {
      if (index <= MOST_ELEMENTS) add(held, `.values()[${index++}]`)
    })
  }
  return edges.map(([next, edge, fresh]) =>
    next instanceof Thrown ? [next.error, `${edge}[thrown]`, fresh + 1] : [next, edge, fresh],
  )
}

type Add = (next: unknown, edge: string, fresh?: number) => void

/** What accessors of its classes give for this very object; those of the language give nothing of anyone's. */
function addInherited(value: object, language: Language, add: Add): void {
  if (types.isProxy(value)) return
  const seen = new Set<PropertyKey>()
  for (let at = protoOf(value); at !== null; at = protoOf(at)) {
    if (language.has(at)) return
    for (const key of keysOf(at)) {
      if (seen.has(key)) continue
      seen.add(key)
      const inherited = Object.getOwnPropertyDescriptor(at, key)
      if (inherited?.get !== undefined) addRead(value, at, key, edgeOf(key), add)
    }
    if (types.isProxy(at)) return
  }
}

function addRead(receiver: object, owner: object, key: PropertyKey, edge: string, add: Add): void {
  const read = (): unknown => Reflect.get(owner, key, receiver) as unknown
  const first = attempt(read)
  add(first, edge, isObject(first) && !(first instanceof Thrown) && attempt(read) !== first ? 1 : 0)
}

function keysOf(value: object): readonly (string | symbol)[] {
  // Each byte is a key, and there may be millions.
  if (ArrayBuffer.isView(value) && value.byteLength > MOST_BYTES) return []
  const keys = attempt(() => Reflect.ownKeys(value))
  if (keys instanceof Thrown) return []
  if (ArrayBuffer.isView(value)) return keys.filter((key) => typeof key === 'symbol' || !/^\d+$/.test(key))
  if (!Array.isArray(value) || value.length <= MOST_ELEMENTS) return keys
  return keys.filter((key) => typeof key === 'symbol' || !/^\d{3,}$/.test(key) || Number(key) < MOST_ELEMENTS)
}

function protoOf(value: object): object | null {
  const prototype = attempt(() => Object.getPrototypeOf(value) as object | null)
  return prototype instanceof Thrown ? null : prototype
}

function edgeOf(key: string | symbol): string {
  if (typeof key === 'symbol') return `[${String(key)}]`
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${/^\d+$/.test(key) ? key : JSON.stringify(key)}]`
}

/** A program that looks where it runs, as text: no function of the plugin has a pid. */
const LOOK = `return typeof process === 'object' && process.pid !== 0 ? 'host' : ''`

/** Whether `value`, called as the Function constructor is, gives a function that sees the host. */
function makesHostCode(value: object): boolean {
  const name = attempt(() => Object.getOwnPropertyDescriptor(value, 'name')?.value as unknown)
  if (!/Function$|^eval$/.test(String(name))) return false
  const made = attempt(() => Reflect.apply(value as () => unknown, undefined, [LOOK]))
  return typeof made === 'function' && attempt(() => (made as () => unknown)()) === 'host'
}

/** What a getter or a trap threw; it is reachable as well. */
class Thrown {
  readonly error: unknown
  constructor(error: unknown) {
    this.error = error
  }
}

function attempt<T>(run: () => T): T | Thrown {
  try {
    return run()
  } catch (error) {
    return new Thrown(error)
  }
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
}
