/** Runs attacks one after the other against one node and judges each. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { openService } from '../service.js'
import { MockCluster } from '../testing/mock-cluster.js'
import type { AttackCase } from './attack-case.js'
import { handlerAttackers, writeAttacker } from './attacker.js'
import { judge, type Room, type Verdict } from './judge.js'
import type { Measure } from './measure.js'
import { handlerTarget, moduleTarget, type Seat } from './run-case.js'
import { measureAttack } from './measure-attack.js'
import type { OwnNode, Stand } from './stand.js'
import { runThrowaway } from './throwaway.js'

export interface SuiteOptions {
  readonly runs: number
  /** ROOM when left out. */
  readonly room?: Room
  /** Stops after the attack under way. */
  readonly signal?: AbortSignal
  readonly onBegin?: (attack: AttackCase) => void
  readonly onVerdict?: (verdict: Verdict) => void
}

/** @returns verdicts in the order of the attacks; fewer of them when it was stopped */
export async function runSuite(
  attacks: readonly AttackCase[],
  stand: Stand,
  options: SuiteOptions,
): Promise<readonly Verdict[]> {
  const { seats, close } = await seatHandlers(attacks, stand)
  try {
    return await judgeAll(attacks, options, async (attack) => [
      await measureOne(attack, seats.get(attack), stand, options.runs),
    ])
  } finally {
    await close()
  }
}

/** The same with isolation 'thread', each run in a node of its own. */
export function runSuiteThrowaway(
  attacks: readonly AttackCase[],
  nodeVersion: string,
  own: OwnNode | undefined,
  options: SuiteOptions,
): Promise<readonly Verdict[]> {
  return judgeAll(attacks, options, async (attack) => {
    const measures: Measure[] = []
    while (measures.length < options.runs) measures.push(await runThrowaway(attack, nodeVersion, own))
    return measures
  })
}

/** One attack, once, with a service of its own: for a node that is thrown away afterwards. */
export async function runOnce(attack: AttackCase, stand: Stand): Promise<Measure> {
  const { seats } = await seatHandlers([attack], stand)
  return measureOne(attack, seats.get(attack), stand, 1)
}

async function judgeAll(
  attacks: readonly AttackCase[],
  { room, signal, onBegin, onVerdict }: SuiteOptions,
  measure: (attack: AttackCase) => Promise<readonly Measure[]>,
): Promise<readonly Verdict[]> {
  const verdicts: Verdict[] = []
  for (const attack of attacks) {
    onBegin?.(attack)
    const verdict = judge(attack, await measure(attack), room)
    if (signal?.aborted === true) break // the signal may have been what ended it
    verdicts.push(verdict)
    onVerdict?.(verdict)
  }
  return verdicts
}

async function measureOne(
  attack: AttackCase,
  seat: Seat | undefined,
  stand: Stand,
  runs: number,
): Promise<Measure> {
  const target = seat === undefined ? await moduleTarget(attack, stand) : handlerTarget(attack, seat)
  return measureAttack(stand, target, runs)
}

/** One service for all handlers: a start is dear, and a real node keeps its service too. */
async function seatHandlers(
  attacks: readonly AttackCase[],
  stand: Stand,
): Promise<{ readonly seats: ReadonlyMap<AttackCase, Seat>; close(): Promise<void> }> {
  const handlers = attacks.filter(({ provoke }) => provoke === 'call')
  const seats = new Map<AttackCase, Seat>()
  if (handlers.length === 0) return { seats, close: () => Promise.resolve() }
  const pluginsDir = join(stand.root, 'handlers', 'plugins')
  const dataDir = join(stand.root, 'handlers', 'data')
  await mkdir(pluginsDir, { recursive: true })
  const attackers = handlerAttackers(handlers)
  for (const attacker of attackers.keys()) await writeAttacker(pluginsDir, attacker)
  const service = await openService(
    {
      pluginsDir,
      dataDir,
      nodeVersion: stand.nodeVersion,
      isolation: stand.isolation,
      clusterState: new MockCluster({ nodes: 1 }),
      restart: { initialMs: 1, maxMs: 5, maxCrashes: 1_000_000, windowMs: 1000 },
    },
    { approveAll: true },
  )
  for (const { state, lastError } of service.list()) {
    if (state === 'running') continue
    await service.stop()
    throw lastError ?? new Error(`an attacker is ${state}`)
  }
  for (const [{ plugin }, group] of attackers) {
    for (const attack of group) seats.set(attack, { plugin, service, dataDir })
  }
  return { seats, close: () => service.stop() }
}
