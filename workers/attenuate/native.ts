/**
 * What the plugin's own copies of `os`, `zlib` and `crypto` (workers/builtins) get of
 * the host, and nothing else does: hardened functions that take and give numbers,
 * texts and bytes. Classes, streams, callbacks and promises are the plugin's, made in
 * its compartment, so no object of Node's has a way to it.
 *
 * A plugin is taken to call these functions itself: each checks what it is given.
 */
import type { OsFacts } from './os.js'
import type { AttenuatorPowers } from './powers.js'

/** The limits of the plugin's policy that bound native work. */
export interface NativeLimits {
  /** Memory outside the heap, MiB. */
  readonly externalMb: number
}

export interface Native {
  readonly os: OsFacts
  /** What the plugin may hold in buffers, bytes. */
  readonly externalBytes: number
}

export function makeNative({ realm, harden }: AttenuatorPowers, limits: NativeLimits): Native {
  return harden({ os: realm.os, externalBytes: limits.externalMb * 1_048_576 })
}
