/**
 * As far as a launch gets without the plugin: its thread has said hello, every wall
 * that must hold does, and the kernel holds what can only be set from outside. A fresh run and a standby go through the same.
 */
import { PluginError } from '../errors.js'
import type { Clock } from '../powers.js'
import type { WallReport } from '../protocol/plugin-api.js'
import { parseStartupParts, type StartupParts } from '../protocol/startup-parts.js'
import type { SupervisorOptions } from './options.js'
import type { Run } from './run.js'

export interface Opening {
  readonly run: Run
  /** Rejects with WALL_FAILED, PROTOCOL_VIOLATION, or why the run ended before; what to do then is the holder's. */
  readonly opened: Promise<Opened>
}

export interface Opened {
  readonly walls: readonly WallReport[]
  readonly parts: StartupParts
}

type Requirements = Pick<SupervisorOptions, 'plugin' | 'requireWalls'>

export function openRun(run: Run, requirements: Requirements): Opening {
  const opened = run.channel.opened.then(async (hello) => {
    const { walls: told, startup } = (hello ?? {}) as Readonly<Record<string, unknown>>
    const walls = parseWalls(told)
    checkWalls(walls, requirements)
    await run.launched.confine()
    return { walls, parts: parseStartupParts(startup) }
  })
  opened.catch(() => undefined) // whoever holds the opening awaits it, maybe later
  return { run, opened }
}

/** @throws PluginError `WALL_FAILED` */
function checkWalls(walls: readonly WallReport[], { plugin, requireWalls }: Requirements): void {
  const unknown = requireWalls.filter((name) => !walls.some(({ wall }) => wall === name))
  if (unknown.length > 0) {
    const known = walls.map(({ wall }) => wall).join(', ')
    throw new PluginError('WALL_FAILED', {
      plugin,
      walls: `${unknown.join(', ')}: no such wall; there are ${known}`,
    })
  }
  const fallen = walls.filter((w) => !w.holds && (w.required || requireWalls.includes(w.wall)))
  if (fallen.length > 0) {
    const names = fallen.map(({ wall, detail }) => `${wall} (${detail})`).join(', ')
    throw new PluginError('WALL_FAILED', { plugin, walls: names })
  }
}

function parseWalls(told: unknown): readonly WallReport[] {
  if (!Array.isArray(told)) throw new PluginError('PROTOCOL_VIOLATION', { rule: 'hello names the walls' })
  return told.slice(0, 64).map((entry: unknown) => {
    const { wall, holds, required, detail } = (entry ?? {}) as Record<string, unknown>
    return {
      wall: String(wall).slice(0, 64),
      holds: holds === true,
      required: required !== false,
      detail: String(detail).slice(0, 500),
    }
  })
}

/** @throws what the promise rejects with, or `late(deadlineMs)` once that time is over */
export function within<T>(
  promise: Promise<T>,
  deadlineMs: number,
  clock: Clock,
  late: (deadlineMs: number) => PluginError,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const timer = clock.setTimeout(() => reject(late(Math.round(deadlineMs))), deadlineMs)
    promise.then(resolve, reject).finally(() => clock.clearTimeout(timer))
  })
}
