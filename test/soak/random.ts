/** Chance that a seed repeats: which choices are made, not how they interleave with the machine. */
export interface Random {
  /** From 0 up to 1. */
  next(): number
  between(low: number, high: number): number
  pick<T>(from: readonly T[]): T
  /** A sequence of its own, so that one client's choices do not depend on another's pace. */
  fork(name: string): Random
}

/** @param seed - a whole number; its lower 32 bits count */
export function makeRandom(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    // A Weyl sequence through a 32-bit finalizer: even enough for choices, and the same on every machine.
    state = (state + 0x9e3779b9) >>> 0
    let mixed = state
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97)
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32
  }
  return {
    next,
    between: (low, high) => low + next() * (high - low),
    pick<T>(from: readonly T[]): T {
      const chosen = from[Math.floor(next() * from.length)]
      if (chosen === undefined) throw new Error('nothing to pick from')
      return chosen
    },
    fork: (name) =>
      makeRandom(Buffer.from(name).reduce((hash, byte) => Math.imul(hash ^ byte, 0x01000193), seed)),
  }
}
