/** Defaults that a program may change for itself, as in Node. */
import { netError, wrongType } from './errors.js'

export const defaults: { autoSelectFamily: boolean; attemptTimeout: number } = {
  autoSelectFamily: true,
  attemptTimeout: 250,
}
/** Node takes no less, milliseconds. */
const LEAST_MS = 10

export function getDefaultAutoSelectFamily(): boolean {
  return defaults.autoSelectFamily
}

export function setDefaultAutoSelectFamily(on: unknown): void {
  if (typeof on !== 'boolean') throw wrongType('value', 'a boolean')
  defaults.autoSelectFamily = on
}

export function getDefaultAutoSelectFamilyAttemptTimeout(): number {
  return defaults.attemptTimeout
}

export function setDefaultAutoSelectFamilyAttemptTimeout(ms: unknown): void {
  if (typeof ms !== 'number') throw wrongType('value', 'a number')
  if (!Number.isInteger(ms) || ms < 1) {
    throw netError('ERR_OUT_OF_RANGE', 'The value of "value" is out of range. It must be >= 1', RangeError)
  }
  defaults.attemptTimeout = Math.max(ms, LEAST_MS)
}
