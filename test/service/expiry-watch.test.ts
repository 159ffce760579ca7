// No addition outlives its day because of when somebody looked at the clock.
import t from 'tap'
import { watchExpiry } from '../../lib/expiry-watch.js'
import { makeGrant, type Grant } from '../../lib/policy.js'
import type { Clock } from '../../lib/powers.js'

const DAY = 86_400_000
const START = Date.UTC(2027, 0, 1)
const date = (days: number): string => new Date(START + days * DAY).toISOString().slice(0, 10)

/** A grant with one variable for each day, made when none of them had expired. */
function granted(...days: readonly number[]): Grant {
  const grant = makeGrant(null, {
    add: days.map((day) => ({ grant: { env: [`D${day}`] }, reason: 'a test' })),
  })
  return {
    ...grant,
    add: grant.add.map((addition, index) => ({ ...addition, expires: date(days[index] ?? 0) })),
  }
}
const left = (grant: Grant): readonly string[] => grant.add.flatMap((addition) => addition.grant.env ?? [])

interface Watched {
  readonly seen: readonly (readonly string[])[]
  /** Lets the timer that waits go off. */
  readonly fire: () => void
  readonly waits: () => boolean
}

/** @param times - what each reading of the clock says; the last one stays */
function watched(grant: Grant, times: readonly [number, ...number[]]): Watched {
  let waiting: (() => void) | undefined
  const seen: (readonly string[])[] = []
  let readings = 0
  const clock: Clock = {
    now: () => 0,
    wallTime: () => times[Math.min(readings++, times.length - 1)] ?? times[0],
    setTimeout: (run) => {
      waiting = run
      return {}
    },
    clearTimeout: () => (waiting = undefined),
  }
  watchExpiry(grant, clock, (now) => seen.push(left(now)))
  const fire = (): void => {
    const run = waiting
    waiting = undefined
    run?.()
  }
  return { seen, fire, waits: () => waiting !== undefined }
}

t.test('what expires between the making of the grant and the start of the watch is told', (t) => {
  const { seen, waits } = watched(granted(1, 9), [START + DAY])
  t.same(seen, [['D9']])
  t.ok(waits(), 'the other one is still waited for')
  t.end()
})

t.test('what expires between two readings of the clock is told', (t) => {
  const { seen, fire } = watched(granted(1), [START, START, START + DAY])
  for (let looks = 0; looks < 3; looks += 1) fire()
  t.same(seen, [[]])
  t.end()
})

t.test('a clock that is set back brings nothing back', (t) => {
  const { seen, fire } = watched(granted(1, 2), [START, START + DAY, START - DAY, START + 2 * DAY])
  for (let looks = 0; looks < 3; looks += 1) fire()
  t.same(seen, [['D2'], []])
  t.end()
})
