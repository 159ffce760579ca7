/**
 * What an authority audit finds (workers/crawl) and the host shows (lib/cli/audit.ts): objects that a
 * plugin reaches and must not, each with the path to it. Pure data.
 */

/** The one method that only a thread built for an audit knows; gives an AuthorityReport. */
export const AUDIT_METHOD = 'audit'

/** Each kind of finding and why it matters. */
export const FINDING_KINDS = {
  process: 'the thread’s own `process`: it leads to the loader, to signals and to the environment',
  'module-loader': 'a function that loads modules of Node: every built-in is one call away',
  'host-function': 'it makes functions that see the globals of the host: the end of the language wall',
  'message-port': 'a channel to other threads, past all that the host checks',
  'native-handle': 'an object of Node’s native code: its methods check no grant',
  'host-object': 'an object of Node’s own: its prototypes are shared with trusted code and lead to more',
  'shared-mutable': 'trusted code or another plugin holds it too, and whoever holds it can change it',
  'shared-memory': 'bytes that trusted code or another plugin reads and writes as well',
  'host-path': 'a path of the host: it tells where the node, the plugin or its data lie',
} as const

export type FindingKind = keyof typeof FINDING_KINDS

export interface Finding {
  readonly kind: FindingKind
  /** How a plugin gets there: `require('net').Socket.prototype`. */
  readonly path: string
  /** What is there, in words. */
  readonly what: string
}

export interface AuthorityReport {
  /** Objects and functions that were met, the plugin's own and those of the two explorers. */
  readonly objects: number
  readonly functions: number
  /** Modules that `require` gave. */
  readonly modules: readonly string[]
  /** Functions of those modules that worked at least once, of how many. */
  readonly exports: { readonly worked: number; readonly all: number }
  /** Which functions of modules never worked, as `fs.readFile`. */
  readonly unexercised: readonly string[]
  /** Exercises that were known to work and did not, with what they threw. */
  readonly failed: readonly string[]
  /** False when a bound ended the crawl early: then nothing found means nothing. */
  readonly complete: boolean
  readonly findings: readonly Finding[]
}
