/**
 * What the plugin's own copies of `os`, `zlib` and `crypto` (workers/builtins) get of
 * the host, and nothing else does: hardened functions that take and give numbers,
 * texts and bytes. Classes, streams, callbacks and promises are the plugin's, made in
 * its compartment, so no object of Node's has a way to it.
 *
 * A plugin is taken to call these functions itself: each checks what it is given.
 */
import { makeCrypto, type CryptoPowers } from './crypto/index.js'
import type { OsFacts } from './os.js'
import type { AttenuatorPowers } from './powers.js'
import { makeWorkLine } from './work-line.js'
import { makeZlib, type ZlibPowers } from './zlib/index.js'

/** The limits of the plugin's policy that bound native work. */
export interface NativeLimits {
  /** Memory outside the heap, MiB. */
  readonly externalMb: number
}

export interface Native {
  readonly os: OsFacts
  readonly zlib: ZlibPowers
  readonly crypto: CryptoPowers
  /** What the plugin may hold in buffers, bytes. */
  readonly externalBytes: number
}

export function makeNative(
  { realm, harden, onUncaught }: AttenuatorPowers,
  limits: NativeLimits,
): { readonly native: Native; teardown(): void } {
  const externalBytes = limits.externalMb * 1_048_576
  const line = makeWorkLine(realm.queueMicrotask)
  let stopped = false
  const call = (run: () => void): void => {
    if (stopped) return
    try {
      run()
    } catch (error) {
      onUncaught(error)
    }
  }
  // Half of the plugin's memory: a result and the pieces it is joined from exist at the same time.
  const half = externalBytes / 2
  const zlib = makeZlib(realm.zlib, { mostBytes: half, line, call })
  const crypto = makeCrypto(realm.crypto, { mostMemory: half, line, call })
  return {
    native: harden({ os: realm.os, zlib: zlib.powers, crypto, externalBytes }),
    teardown() {
      stopped = true
      line.close()
      zlib.closeAll()
    },
  }
}
