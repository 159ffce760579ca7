/**
 * What one attack is, as data: code that a plugin could hold, how it is made to run,
 * and what must have become of the plugin by when. Nothing here runs anything.
 */
import type { ErrorCode } from '../errors.js'
import type { GrantRules, Limits } from '../policy/document.js'

export const CHAPTER_NAMES = [
  'memory',
  'allocation loops',
  'cpu',
  'replies',
  'throws',
  'late failures',
  'floods',
  'exhaustion',
  'lifecycle',
  'cluster state',
] as const

export type ChapterName = (typeof CHAPTER_NAMES)[number]

/**
 * What makes the code run.
 *
 * - `call`: it is the body of a REST handler, which is called
 * - `load`, `start`: it is a module, which is launched
 * - `idle`: it is a module that does its harm once it runs, unasked
 * - `stop`: it is a module, which is asked to stop
 * - `state`: it is a module, and the cluster state changes
 */
export type Provocation = 'call' | 'load' | 'start' | 'idle' | 'stop' | 'state'

/**
 * What may have become of the plugin.
 *
 * - `ended`: its process was ended, for the reason `code`
 * - `refused`: the caller got the error `code`, and the plugin goes on
 * - `bounded`: the plugin goes on and answers; what it did was dropped, slowed or harmless
 */
export type Fate =
  | { readonly kind: 'ended'; readonly code: ErrorCode }
  | { readonly kind: 'refused'; readonly code: ErrorCode }
  | { readonly kind: 'bounded' }

export interface AttackCase {
  /** Unique in the suite; words joined by `-`. */
  readonly name: string
  readonly chapter: ChapterName
  readonly provoke: Provocation
  /** Body of `async (request, context) => { … }` for `call`, else the whole entry module. */
  readonly code: string
  /** Any of these is contained; which comes first may depend on the machine's speed. */
  readonly expect: readonly Fate[]
  /** From the provocation on, ms; it must have happened by then. */
  readonly withinMs: number
  /** What stops it, for docs/attack.md; the text of a limit or a rule. */
  readonly by: string
  /** Replaces single ones of ATTACK_LIMITS. */
  readonly limits?: Partial<Limits>
  /** Calls made at once; 1 when left out. */
  readonly calls?: number
  /** How the body of the reply is read when it is a stream: to its end, or not at all for a while. */
  readonly read?: 'all' | 'none'
  /** Plugins that crash at each start: it is over when the node gives up, not at the first crash. */
  readonly until?: 'quarantined'
  /** It is over with the reply: the next run may meet the same process. */
  readonly leavesNothing?: true
  /** One of the few that `npm test` runs. */
  readonly smoke?: true
}

/** Small, so that each attack meets its limit soon. */
export const ATTACK_LIMITS: Partial<Limits> = {
  heapMb: 48,
  youngMb: 16,
  stackMb: 4,
  externalMb: 32,
  blockedMs: 300,
  callTimeoutMs: 500,
  inFlight: 8,
  queue: 16,
  messageBytes: 262_144,
  logBytesPerSecond: 16_384,
  timers: 100,
  files: 16,
  sockets: 8,
  dataMb: 32,
}

/** For the attacks on a start; the others are given the default time to start in. */
export const ATTACK_START_MS = 1500

/** What the attackers may do: files of their own and loopback, because a right is one more way to do harm. */
export const ATTACK_GRANT: GrantRules = {
  extensionPoints: ['rest:/**', 'ingest:*'],
  clusterState: { read: ['**'] },
  fs: {
    read: ['${plugin.home}/**', '${plugin.data}', '${plugin.data}/**'],
    write: ['${plugin.data}', '${plugin.data}/**'],
  },
  net: { connect: ['127.0.0.1:1-65535', 'localhost:1-65535'], listen: ['127.0.0.1:0'] },
}

export function ended(...codes: readonly ErrorCode[]): readonly Fate[] {
  return codes.map((code) => ({ kind: 'ended', code }))
}

export function refused(...codes: readonly ErrorCode[]): readonly Fate[] {
  return codes.map((code) => ({ kind: 'refused', code }))
}

export const BOUNDED: readonly Fate[] = [{ kind: 'bounded' }]

/** What a chapter says of most of its cases, for `cases`. */
export interface Common extends Pick<AttackCase, 'chapter' | 'expect' | 'withinMs' | 'by'> {
  readonly provoke?: Provocation
  readonly leavesNothing?: true
}

type Particular = Pick<AttackCase, 'code'> & Partial<Omit<AttackCase, 'chapter' | 'name' | 'code'>>

/** Cases by name; what they leave out is as `common` says. */
export function cases(
  common: Common,
  byName: { readonly [name: string]: string | Particular },
): readonly AttackCase[] {
  return Object.entries(byName).map(([name, one]) => ({
    provoke: 'call',
    ...common,
    ...(typeof one === 'string' ? { code: one } : one),
    name,
  }))
}
