/**
 * The frame of every attack: a quiet span, the attack as often as asked, the return to
 * what was, and what the node shows of it all. What an attack does is its target's
 * (run-case.ts).
 */
import { mkdir, rm } from 'node:fs/promises'
import { ATTACK_LIMITS } from './attack-case.js'
import { bytesBelow, holdings, leftBehind, settledRss } from './holdings.js'
import type { Happened, Measure, SearchSample } from './measure.js'
import type { Stand } from './stand.js'
import { isSoon, sleep } from './wait.js'

/** What can be attacked once more after it was attacked. */
export interface Target {
  /** Data directory of its plugin; emptied afterwards. */
  readonly dataDir: string
  /** Resolves when the plugin is contained, or is not in time. */
  attack(): Promise<Happened>
  /** Puts everything back to how it was before. */
  settle(): Promise<void>
}

/** Length of the spans before and after. */
const SPAN_MS = 150
/** What is left over may take so long to be gone. */
const GONE_MS = 2000
/** What a plugin may leave on the disk: its limit and the tenth that the node allows above it. */
const MOST_DATA_BYTES = (ATTACK_LIMITS.dataMb ?? 0) * 1.1 * 1_048_576

export async function measureAttack(stand: Stand, target: Target, runs: number): Promise<Measure> {
  stand.harm()
  const held = holdings()
  const rssBytes = settledRss()
  await stand.probe.take()
  const beginMs = wallNow()
  await sleep(SPAN_MS)
  const attacked: { readonly fromMs: number; readonly untilMs: number }[] = []
  const happened: Happened[] = []
  while (happened.length < runs) {
    const fromMs = wallNow()
    happened.push(await target.attack())
    attacked.push({ fromMs, untilMs: wallNow() })
    await target.settle()
  }
  await sleep(SPAN_MS)
  const { samples, peakBytes } = await stand.probe.take()
  let left: readonly string[] = []
  await isSoon(() => (left = leftBehind(held, holdings())).length === 0, GONE_MS)
  const leftovers = [...left, ...dataLeft(target.dataDir)]
  await rm(target.dataDir, { recursive: true, force: true })
  await mkdir(target.dataDir, { recursive: true })
  const firstMs = attacked[0]?.fromMs ?? beginMs
  const isDuring = ({ atMs }: SearchSample): boolean =>
    attacked.some(({ fromMs, untilMs }) => atMs >= fromMs && atMs < untilMs)
  return {
    runs: happened,
    searches: {
      before: samples.filter(({ atMs }) => atMs >= beginMs && atMs < firstMs),
      during: samples.filter(isDuring),
      after: samples.filter((sample) => sample.atMs >= firstMs && !isDuring(sample)),
    },
    rssGrowthBytes: settledRss() - rssBytes,
    rssPeakBytes: peakBytes - rssBytes,
    leftovers,
    harm: stand.harm(),
  }
}

function wallNow(): number {
  return performance.timeOrigin + performance.now()
}

function dataLeft(dataDir: string): readonly string[] {
  const bytes = bytesBelow(dataDir)
  return bytes > MOST_DATA_BYTES ? [`${Math.round(bytes / 1_048_576)} MiB in its data directory`] : []
}
