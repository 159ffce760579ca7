/**
 * Deep freezing of plain data: decisions are compiled once per grant, so nothing in
 * a grant may change afterwards.
 */

/** Freezes `value` and everything in it; gives it back. For plain data without cycles. */
export function freezeDeep<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    for (const key of Reflect.ownKeys(value)) freezeDeep(Reflect.get(value, key))
    Object.freeze(value)
  }
  return value
}
