/**
 * What happens to a node from outside, at random: its plugins' processes are killed or
 * stand still for a while, the wall clock jumps, the disk is full. And the operator, who
 * lets plugins out of quarantine. Everything is undone when it ends.
 */
import { fillDisk } from './disk.js'
import type { NodeHandle } from './node-handle.js'
import { DAY_MS, type Place } from './place.js'
import { childrenOf, signal } from './proc.js'
import type { Random } from './random.js'
import { rest } from './rest.js'

export interface ChaosParts {
  readonly node: NodeHandle
  readonly place: Place
  readonly random: Random
  readonly over: AbortSignal
}

type Deed = 'kill' | 'stop and continue' | 'clock jump' | 'full disk'
export type ChaosCounts = Readonly<Record<Deed, number>>

const HOUR_MS = 3_600_000
/** As often as they are listed here. */
const DEEDS: readonly Deed[] = [
  'kill',
  'kill',
  'kill',
  'stop and continue',
  'stop and continue',
  'clock jump',
  'full disk',
]

/** Resolves when `over` is aborted and everything is as it was. */
export async function runChaos(parts: ChaosParts, onDeed: (deed: Deed) => void): Promise<void> {
  const { random, over, place, node } = parts
  const possible = DEEDS.filter((deed) => deed !== 'full disk' || place.smallDisk)
  const underWay = new Set<Promise<void>>()
  let days = 0
  let full = false
  const start = (work: Promise<void>): void => {
    const done = work.finally(() => underWay.delete(done))
    underWay.add(done)
  }
  while (!over.aborted) {
    await rest(random.between(500, 3000), over)
    if (over.aborted) break
    const deed = random.pick(possible)
    switch (deed) {
      case 'kill': {
        const pid = someChild(parts)
        if (pid === undefined) continue
        signal(pid, 'SIGKILL')
        break
      }
      case 'stop and continue': {
        const pid = someChild(parts)
        if (pid === undefined) continue
        start(standStill(pid, parts))
        break
      }
      case 'clock jump':
        // Half of them lead to a day not reached before, on which a part of a grant ends.
        node.setClock(
          random.next() < 0.5 ? ++days * DAY_MS + HOUR_MS : random.between(-12 * HOUR_MS, 12 * HOUR_MS),
        )
        break
      case 'full disk':
        if (full) continue
        full = true
        start(fillForAWhile(parts).finally(() => (full = false)))
        break
    }
    onDeed(deed)
  }
  await Promise.all(underWay)
  node.setClock(0)
}

/** Resolves when `over` is aborted; a plugin stays in quarantine for some seconds. */
export async function operate(
  { node, random, over }: ChaosParts,
  quarantined: () => readonly string[],
): Promise<void> {
  while (!over.aborted) {
    await rest(random.between(500, 2000), over)
    const plugins = quarantined()
    if (plugins.length > 0) node.release(random.pick(plugins))
  }
}

function someChild({ node, random }: ChaosParts): number | undefined {
  const children = childrenOf(node.pid)
  return children.length === 0 ? undefined : random.pick(children)
}

/** Sometimes shorter than the host's patience, sometimes longer. */
async function standStill(pid: number, { node, random, over }: ChaosParts): Promise<void> {
  signal(pid, 'SIGSTOP')
  await rest(random.between(100, 3000), over)
  if (childrenOf(node.pid).includes(pid)) signal(pid, 'SIGCONT') // else its number may be another's by now
}

async function fillForAWhile({ place, random, over }: ChaosParts): Promise<void> {
  const free = fillDisk(place.dataDir)
  await rest(random.between(1000, 6000), over)
  free()
}
