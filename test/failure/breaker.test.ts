// A breaker opens after failures in a row and never for one crash, lets one call through after its wait, and
// closes or waits longer by what that call says; a call that says nothing of the plugin changes nothing.
import t from 'tap'
import {
  admit,
  CLOSED,
  ended,
  type Breaker,
  type BreakerPolicy,
  type Ending,
} from '../../lib/failure/breaker.js'

const POLICY: BreakerPolicy = { failures: 3, waitMs: 100, maxWaitMs: 350, pluginErrors: false }

/** Calls one after another, each with the time it begins and ends at. */
type Step =
  | { readonly call: Ending['outcome']; readonly from: number; readonly to: number }
  /** A call that has to be refused. */
  | { readonly refusedAt: number }

function after(steps: readonly Step[]): Breaker {
  let breaker: Breaker = CLOSED
  // All that begins before the first of them ends is under way at the same time.
  const begun: (Ending & { readonly order: number })[] = []
  const settle = (untilMs: number): void => {
    for (const ending of begun.toSorted((a, b) => a.atMs - b.atMs || a.order - b.order)) {
      if (ending.atMs > untilMs) continue
      breaker = ended(breaker, ending, POLICY)
      begun.splice(begun.indexOf(ending), 1)
    }
  }
  steps.forEach((step, order) => {
    const atMs = 'call' in step ? step.from : step.refusedAt
    settle(atMs)
    const admission = admit(breaker, atMs)
    if (admission.admitted !== 'call' in step)
      throw new Error(`step ${order}: admitted is ${admission.admitted}`)
    if (!admission.admitted || !('call' in step)) return
    breaker = admission.next
    begun.push({ outcome: step.call, probe: admission.probe, beganMs: step.from, atMs: step.to, order })
  })
  settle(Infinity)
  return breaker
}

const fails = (from: number, to = from): Step => ({ call: 'failed', from, to })
const answers = (from: number, to = from): Step => ({ call: 'answered', from, to })
const says = (from: number, to = from): Step => ({ call: 'neither', from, to })
const refused = (refusedAt: number): Step => ({ refusedAt })
const OPEN = [fails(1), fails(2), fails(3)]

const CASES: readonly [string, readonly Step[], Partial<Breaker>][] = [
  ['two failures leave it closed', [fails(1), fails(2)], { state: 'closed', failures: 2 }],
  ['three in a row open it', OPEN, { state: 'open', sinceMs: 3, retryMs: 103, trips: 0 }],
  [
    'an answer between them starts the row anew',
    [fails(1), fails(2), answers(3), fails(4)],
    { state: 'closed', failures: 1 },
  ],
  ['a call that was given up is no answer', [fails(1), fails(2), says(3), fails(4)], { state: 'open' }],
  ['and no failure', [says(1), says(2), says(3), says(4)], { state: 'closed', failures: 0 }],
  [
    'calls under way together that fail together are one failure',
    [fails(1, 50), fails(2, 50), fails(3, 51), fails(4, 52), fails(5, 60)],
    { state: 'closed', failures: 1 },
  ],
  [
    'while it is open every call is refused',
    [...OPEN, refused(4), refused(50), refused(102)],
    { state: 'open' },
  ],
  [
    'after the wait one call is let through, and no other',
    [...OPEN, answers(103, 120), refused(104), refused(119)],
    CLOSED,
  ],
  ['its answer closes it', [...OPEN, answers(103), fails(104), fails(105)], { state: 'closed', failures: 2 }],
  [
    'its failure opens it for twice as long',
    [...OPEN, fails(103, 110), refused(309)],
    { state: 'open', retryMs: 310, trips: 1 },
  ],
  [
    'and again, up to the longest wait',
    [...OPEN, fails(103), fails(303), fails(703)],
    { state: 'open', retryMs: 703 + 350 },
  ],
  [
    'closed once, the wait is short again',
    [...OPEN, fails(103), answers(303), fails(304), fails(305), fails(306)],
    { retryMs: 406, trips: 0 },
  ],
  ['when it says nothing the next call is tried', [...OPEN, says(103, 104), answers(105)], CLOSED],
  ['and until then it is half-open', [...OPEN, says(103, 104)], { state: 'half-open', probing: false }],
  [
    'an answer to a call from before it opened does not close it',
    [answers(0, 50), ...OPEN],
    { state: 'open' },
  ],
  [
    'and neither does one while it is tried',
    [answers(0, 110), ...OPEN, fails(103, 120), refused(111)],
    { state: 'open', trips: 1 },
  ],
]

for (const [name, steps, expected] of CASES) {
  t.test(name, async (t) => t.match(after(steps), expected))
}
