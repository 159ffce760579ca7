/**
 * Lets the wall clock of this process jump, as an operator or NTP makes it jump: `Date`
 * does, timers and `performance.now()` do not, since the system's monotonic clock never
 * jumps. A shim and no libfaketime: in a Node process `Date` is the only way to the wall
 * clock, and a shim needs neither a package nor a preload. Import it first.
 */
let offsetMs = 0
const realNow = Date.now

Date.now = () => realNow() + offsetMs
globalThis.Date = new Proxy(Date, {
  construct: (target, given: unknown[], newTarget: typeof Date) =>
    Reflect.construct(target, given.length === 0 ? [target.now()] : given, newTarget) as Date,
})

/** @param ms - from the real time on; 0 sets it right again */
export function shiftClock(ms: number): void {
  offsetMs = ms
}
