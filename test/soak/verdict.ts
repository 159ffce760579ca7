/** What a soak must show, each as one check over what was seen. Pure. */
import { fitLine, isFlat, type Line, type Point } from './linear-fit.js'
import type { SoakSample } from './sampler.js'
import type { SoakResult } from './soak.js'

export interface Check {
  readonly name: string
  readonly holds: boolean
  /** The figures it was judged by. */
  readonly says: string
}

export interface Trend {
  readonly name: string
  readonly unit: string
  readonly points: number
  /** Per minute. */
  readonly line: Line
  /** A slope up to here is flat whatever its error. */
  readonly smallSlope: number
  /** `undefined`: the soak was too short to tell. */
  readonly flat: boolean | undefined
}

const MEBIBYTE = 1_048_576
const SMALL_HEAP_MB = 0.5
const SMALL_DESCRIPTORS = 0.5
/** What caches of the node and of Node itself may take in the end beyond the start. */
const MOST_GROWTH_MB = 5
/** Fewer say nothing: a line through a handful of points leans by chance. */
const LEAST_POINTS = 10

export function trendsOf(samples: readonly SoakSample[]): readonly Trend[] {
  const half = (samples.at(-1)?.atS ?? 0) / 2
  const late = samples.filter(({ atS }) => atS >= half)
  const heap = late.flatMap(({ atS, heapBytes }) =>
    heapBytes === null ? [] : [{ x: atS / 60, y: heapBytes / MEBIBYTE }],
  )
  const descriptors = late.map(({ atS, descriptors: y }) => ({ x: atS / 60, y }))
  return [trend('heap', 'MB', heap, SMALL_HEAP_MB), trend('descriptors', '', descriptors, SMALL_DESCRIPTORS)]
}

function trend(name: string, unit: string, points: readonly Point[], smallSlope: number): Trend {
  const line = fitLine(points)
  const flat = points.length < LEAST_POINTS ? undefined : isFlat(line, smallSlope)
  return { name, unit, points: points.length, line, smallSlope, flat }
}

export function checksOf(result: SoakResult): readonly Check[] {
  const { documents, http, last, searches, samples } = result
  const { acknowledged, whole, lost, altered } = documents
  const inside = last?.calls
  const crashes = sum(last?.counts.crashes ?? {})
  const withoutReport = last?.counts.crashesWithoutReport ?? 0
  return [
    check('it ran its time', result.faults.length === 0 && !result.interrupted, [
      ...result.faults,
      ...(result.interrupted ? ['interrupted'] : []),
    ]),
    check('no acknowledged document is lost or altered', whole === acknowledged && acknowledged > 0, [
      `${acknowledged} acknowledged, ${whole} read back whole, ${lost} lost, ${altered} altered`,
      ...documents.faults,
    ]),
    check('every HTTP call has its end in time', allEnded(http), [callLine(http)]),
    check('every call into a plugin has its end in time', inside !== undefined && allEnded(inside), [
      inside === undefined ? 'the node did not say' : callLine(inside),
    ]),
    check('every search is answered', searches.answered === searches.searches && searches.searches > 0, [
      `${searches.answered} of ${searches.searches}`,
    ]),
    check('every crash has a report', withoutReport === 0, [`${crashes} crashes, ${withoutReport} without`]),
    ...trendsOf(samples).map((found) => trendCheck(found)),
    atRestCheck(result),
    check('every plugin answers in the end', result.silent.length === 0, [
      result.silent.join(', ') || 'all of them',
    ]),
    check('nothing is left over', result.leftovers.length === 0, [result.leftovers.join(', ') || 'nothing']),
  ]
}

/** Sharper than a trend: nothing runs in either moment, so one descriptor too many is one that leaked. */
function atRestCheck({ atRest: { before, after } }: SoakResult): Check {
  const name = 'at rest it holds no more than before'
  if (after === undefined) return check(name, false, ['the node did not say'])
  const grownMb = (after.heapBytes - before.heapBytes) / MEBIBYTE
  const holds =
    after.descriptors <= before.descriptors &&
    after.children <= before.children &&
    after.threads <= before.threads &&
    grownMb <= MOST_GROWTH_MB
  const pair = (key: 'descriptors' | 'children' | 'threads'): string =>
    `${key} ${before[key]} and ${after[key]}`
  return check(name, holds, [
    `${pair('descriptors')}, ${pair('children')}, ${pair('threads')}, heap ${grownMb.toFixed(1)} MB more, at most ${MOST_GROWTH_MB}`,
  ])
}

function trendCheck(trend: Trend): Check {
  const { name, flat, points } = trend
  if (flat !== undefined) return check(`${name}: flat over the second half`, flat, [trendLine(trend)])
  return check(`${name}: too short a soak to tell`, true, [
    `${points} points, at least ${LEAST_POINTS} are needed`,
  ])
}

/** `0.12 MB a minute, standard error 0.03, from 60 points; flat up to 0.5 or two errors` */
export function trendLine({ unit, points, line, smallSlope }: Trend): string {
  const slope = `${line.slope.toFixed(3)}${unit === '' ? '' : ` ${unit}`} a minute`
  return `${slope}, standard error ${line.slopeError.toFixed(3)}, ${points} points; flat is at most ${smallSlope} or two standard errors`
}

function allEnded({ started, ended, broken, hung }: SoakResult['http']): boolean {
  return started > 0 && started === ended && broken === 0 && hung === 0
}

function callLine({ started, ended, broken, hung, longestMs }: SoakResult['http']): string {
  return `${started} calls, ${started - ended} without an end, ${hung} hung, ${broken} broken; the longest took ${longestMs} ms`
}

function check(name: string, holds: boolean, says: readonly string[]): Check {
  return { name, holds, says: says.join('; ') }
}

export function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((all, one) => all + one, 0)
}
