/**
 * Flow control for one direction of a channel: the receiver opens a window of
 * credits, the sender spends one per message and waits at zero.
 * Pure data; ports, timers and promises live in rpc/channel.ts.
 */
import { PluginError } from '../errors.js'

export type Credits = { readonly available: number; readonly window: number }

export function openWindow(window: number): Credits {
  return { available: window, window }
}

/** Takes one credit; `undefined` means the sender must wait for a refund. */
export function spend(credits: Credits): Credits | undefined {
  if (credits.available === 0) return undefined
  return { available: credits.available - 1, window: credits.window }
}

/**
 * Gives the sender `count` credits back.
 * @param count - messages the receiver has finished with; a whole number from 1
 * @throws PluginError `PROTOCOL_VIOLATION` when more return than were spent:
 *   the peer is broken or hostile, so the channel must close
 */
export function refund(credits: Credits, count: number): Credits {
  const available = credits.available + count
  if (!Number.isInteger(count) || count < 1 || available > credits.window) {
    throw new PluginError('PROTOCOL_VIOLATION', {
      rule: 'credits',
      count,
      spent: credits.window - credits.available,
    })
  }
  return { available, window: credits.window }
}
