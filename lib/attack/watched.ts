/** One plugin of a service, watched: when it starts, runs and ends, and what for. */
import type { ErrorCode } from '../errors.js'
import type { PluginsService } from '../service.js'

export interface End {
  readonly code: ErrorCode | 'unknown'
  readonly reason: string
  /** By `performance.now()`. */
  readonly atMs: number
}

export interface WatchedPlugin {
  readonly pid: () => number | null
  readonly isRunning: () => boolean
  /** Resolves at the next end; call it before what causes the end. */
  nextEnd(until?: 'quarantined'): Promise<End>
  /** Resolves with the time of the next transition to that state. */
  next(state: 'starting' | 'running'): Promise<number>
}

export function watchPlugin(service: PluginsService, plugin: string): WatchedPlugin {
  const info = (): ReturnType<PluginsService['list']>[number] | undefined =>
    service.list().find(({ name }) => name === plugin)

  function on<T>(take: (to: string, reason: string) => T | undefined): Promise<T> {
    return new Promise((resolve) => {
      service.on('plugin', function seen(event) {
        if (event.plugin !== plugin) return
        const taken = take(event.to, event.reason)
        if (taken === undefined) return
        service.off('plugin', seen)
        resolve(taken)
      })
    })
  }

  return {
    pid: () => info()?.pid ?? null,
    isRunning: () => info()?.state === 'running' || info()?.state === 'degraded',
    nextEnd: (until) =>
      on((to, reason): End | undefined => {
        if (to !== 'quarantined' && (to !== 'restarting' || until !== undefined)) return undefined
        return { code: info()?.lastError?.code ?? 'unknown', reason, atMs: performance.now() }
      }),
    next: (state) => on((to) => (to === state ? performance.now() : undefined)),
  }
}
