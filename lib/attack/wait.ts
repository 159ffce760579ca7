/** Waiting, with an end to it. */

export function sleep(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, delayMs)))
}

/** What the promise gives, or `undefined` after `delayMs`. */
export async function within<T>(promise: Promise<T>, delayMs: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), Math.max(0, delayMs))
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Looks every few ms until it is so; false when it is not so in time. */
export async function isSoon(look: () => boolean, delayMs: number): Promise<boolean> {
  const until = performance.now() + delayMs
  while (!look()) {
    if (performance.now() > until) return false
    await sleep(5)
  }
  return true
}
