/** Waits, or until `over` is aborted: the pace of a load that ends when it is told to. */
import { setTimeout as pause } from 'node:timers/promises'

export async function rest(delayMs: number, over: AbortSignal): Promise<void> {
  await pause(delayMs, undefined, { signal: over }).catch(() => undefined)
}
