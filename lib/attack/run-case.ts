/**
 * Attacks that can be run: a handler is called in a plugin that is there already and is
 * put back as it was afterwards; a module gets a service of its own. What the node
 * feels meanwhile is measured around it (measure-attack.ts).
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import type { PluginError } from '../errors.js'
import type { RestReply } from '../extensions/reply.js'
import { openService, type PluginsService } from '../service.js'
import { MockCluster } from '../testing/mock-cluster.js'
import type { AttackCase } from './attack-case.js'
import { alivePath, attackPath, moduleAttacker, writeAttacker } from './attacker.js'
import { textOf } from './judge.js'
import type { Target } from './measure-attack.js'
import type { Happened, Outcome } from './measure.js'
import type { Stand } from './stand.js'
import { isSoon, sleep, within } from './wait.js'
import { watchPlugin, type End, type WatchedPlugin } from './watched.js'

/** For so long an attack that did not end its plugin is watched for late harm: longer than `blockedMs`. */
const WATCH_MS = 350
/** A plugin that goes on answers by then. */
const ALIVE_MS = 1000
/** Waited for beyond the limit, so that the table says what happened late. */
const LATE_MS = 5000
/** A busy machine starts a plugin by then. */
const BACK_MS = 15_000
/** A reader takes so much of a stream that has no end. */
const MOST_READ_BYTES = 8 * 1_048_576
const MOST_READ_MS = 400
/** Of what was said, for people. */
const MOST_SAID_CHARS = 200

/** A running plugin that holds handlers to be called. */
export interface Seat {
  readonly plugin: string
  readonly service: PluginsService
  readonly dataDir: string
}

// --- handlers --------------------------------------------------------------------------------

export function handlerTarget(attack: AttackCase, seat: Seat): Target {
  const watched = watchPlugin(seat.service, seat.plugin)
  return {
    dataDir: join(seat.dataDir, seat.plugin),
    attack: () => callAndWatch(attack, seat, watched),
    async settle() {
      // What went on may hold something: the next run meets a new plugin.
      if (watched.isRunning() && attack.leavesNothing !== true) await replace(watched)
      await isSoon(watched.isRunning, BACK_MS)
    },
  }
}

async function callAndWatch(attack: AttackCase, seat: Seat, watched: WatchedPlugin): Promise<Happened> {
  const { service, plugin } = seat
  const begun = performance.now()
  const end = watched.nextEnd()
  const calls = Promise.all(
    Array.from({ length: attack.calls ?? 1 }, () =>
      service
        .rest({ method: 'POST', path: attackPath(attack) })
        .then((reply) => read(reply, attack.read ?? 'all'))
        .then(
          () => undefined,
          (error: PluginError) => error,
        ),
    ),
  )
  const first = await Promise.race([end, calls])
  if ('atMs' in first) return endedBy(first, begun)
  const refusal = first.find((error) => error !== undefined)
  const answer: Outcome =
    refusal === undefined ? { kind: 'bounded' } : { kind: 'refused', code: refusal.code }
  const said = (refusal?.message ?? '').slice(0, MOST_SAID_CHARS)
  if (!attack.expect.some((fate) => textOf(fate) === textOf(answer))) {
    const late = await within(end, attack.withinMs + LATE_MS - (performance.now() - begun))
    if (late !== undefined) return endedBy(late, begun)
  }
  return goesOn({ outcome: answer, said }, begun, end, () => isAlive(service, plugin))
}

/** It was not ended: it must answer, now and after a while. */
async function goesOn(
  { outcome, said }: Pick<Happened, 'outcome' | 'said'>,
  begun: number,
  end: Promise<End>,
  alive: () => Promise<boolean>,
): Promise<Happened> {
  const answers = await alive()
  const tookMs = performance.now() - begun
  const late = await within(end, WATCH_MS)
  if (late !== undefined) return endedBy(late, begun)
  if (answers && (await alive())) return { outcome, said, tookMs }
  const ended = await within(end, WATCH_MS)
  if (ended !== undefined) return endedBy(ended, begun)
  return {
    outcome: { kind: 'unanswering', code: textOf(outcome) },
    said,
    tookMs: performance.now() - begun,
  }
}

function endedBy({ code, reason, atMs }: End, begun: number): Happened {
  return {
    outcome: { kind: 'ended', code } as Outcome,
    said: reason.slice(0, MOST_SAID_CHARS),
    tookMs: atMs - begun,
  }
}

async function isAlive(service: PluginsService, plugin: string): Promise<boolean> {
  return service.rest({ method: 'GET', path: alivePath(plugin) }, { deadlineMs: ALIVE_MS }).then(
    ({ body }) => body === 'alive',
    () => false,
  )
}

/** Reads a streamed body as a caller does, or leaves it lying for a while. */
async function read({ body }: RestReply, how: 'all' | 'none'): Promise<void> {
  if (typeof body !== 'object' || body === null || !(Symbol.asyncIterator in body)) return
  const iterator = (body as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]()
  const until = performance.now() + MOST_READ_MS
  if (how === 'none') await sleep(MOST_READ_MS)
  for (let bytes = 0; how === 'all' && bytes < MOST_READ_BYTES;) {
    const step = await within(iterator.next(), until - performance.now())
    if (step === undefined || step.done === true) break
    bytes += step.value.length
  }
  await within(Promise.resolve(iterator.return?.()), MOST_READ_MS)
}

async function replace(watched: WatchedPlugin): Promise<void> {
  const pid = watched.pid()
  if (pid === null) return // a thread of a node that is thrown away
  const end = watched.nextEnd()
  process.kill(pid, 'SIGKILL')
  await within(end, BACK_MS)
}

// --- modules ---------------------------------------------------------------------------------

export async function moduleTarget(attack: AttackCase, stand: Stand): Promise<Target> {
  const attacker = moduleAttacker(attack)
  const { plugin } = attacker
  const pluginsDir = join(stand.root, 'modules', attack.name)
  const dataDir = join(stand.root, 'modules-data')
  await mkdir(pluginsDir, { recursive: true })
  await writeAttacker(pluginsDir, attacker)
  let service: PluginsService | undefined
  return {
    dataDir: join(dataDir, plugin),
    attack: () =>
      new Promise((resolve, reject) => {
        const cluster = new MockCluster({ nodes: 1 })
        const options = {
          pluginsDir,
          dataDir,
          nodeVersion: stand.nodeVersion,
          isolation: stand.isolation,
          clusterState: cluster,
          restart: { initialMs: 1, maxMs: 5, maxCrashes: 3, windowMs: 60_000 },
        }
        const onCreated = (created: PluginsService): void => {
          service = created
          const [info] = created.list()
          // One that is broken before it is started: it could not even be bundled.
          if (info?.state === 'quarantined' && info.lastError !== null) {
            const { code, message } = info.lastError
            return resolve({ outcome: { kind: 'none', code }, said: message, tookMs: 0 })
          }
          watchModule(attack, created, plugin, cluster).then(resolve, reject)
        }
        openService(options, { approveAll: true, onCreated }).catch(reject)
      }),
    async settle() {
      await within(service?.stop() ?? Promise.resolve(), BACK_MS)
    },
  }
}

async function watchModule(
  attack: AttackCase,
  service: PluginsService,
  plugin: string,
  cluster: MockCluster,
): Promise<Happened> {
  const watched = watchPlugin(service, plugin)
  const end = watched.nextEnd(attack.until)
  const running = watched.next('running')
  let begun = await watched.next('starting')
  if (attack.provoke !== 'load' && attack.provoke !== 'start') {
    const first = await Promise.race([running, end])
    if (typeof first !== 'number')
      return { outcome: { kind: 'none', code: first.code }, said: first.reason, tookMs: 0 }
    begun = first
  }
  if (attack.provoke === 'stop') return stopped(service, attack.withinMs + LATE_MS)
  if (attack.provoke === 'state') {
    begun = performance.now()
    await cluster.createIndex('provoked')
  }
  const ends = attack.expect.every(({ kind }) => kind !== 'bounded')
  const over = ends ? await within(end, attack.withinMs + LATE_MS) : await Promise.race([running, end])
  if (typeof over === 'object') return endedBy(over, begun)
  return goesOn({ outcome: { kind: 'bounded' }, said: '' }, begun, end, () => isAlive(service, plugin))
}

async function stopped(service: PluginsService, delayMs: number): Promise<Happened> {
  const begun = performance.now()
  const done = await within(
    service.stop().then(() => true),
    delayMs,
  )
  const outcome: Outcome =
    done === true ? { kind: 'ended', code: 'PLUGIN_STOPPED' } : { kind: 'unanswering', code: 'stop' }
  return { outcome, said: '', tookMs: performance.now() - begun }
}
