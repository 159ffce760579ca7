/**
 * The life of one plugin as a pure state machine. Time and chance come in with the
 * event; supervisor.ts does what it says.
 *
 *   configured → starting → running ⇄ degraded → restarting → starting …
 *                                              ↘ quarantined
 *   any → stopping → stopped
 */
export type PluginState =
  'configured' | 'starting' | 'running' | 'degraded' | 'restarting' | 'quarantined' | 'stopping' | 'stopped'

export interface RestartPolicy {
  /**
   * Wait after the first crash within the window, ms; doubles with each up to `maxMs`, plus or minus a quarter by
   * chance. A plugin that ran until its first crash waits nothing.
   */
  readonly initialMs: number
  readonly maxMs: number
  /** So many crashes within `windowMs` are a crash loop: the plugin is quarantined. */
  readonly maxCrashes: number
  readonly windowMs: number
}

export const DEFAULT_RESTART_POLICY: RestartPolicy = {
  initialMs: 100,
  maxMs: 30_000,
  maxCrashes: 5,
  windowMs: 60_000,
}

export interface Lifecycle {
  readonly state: PluginState
  /** When it crashed within the window, ms of the clock; oldest first. */
  readonly crashes: readonly number[]
}

export type LifecycleEvent =
  | { readonly kind: 'start' }
  | { readonly kind: 'started' }
  | { readonly kind: 'late' }
  | { readonly kind: 'recovered' }
  | { readonly kind: 'crashed'; readonly atMs: number; readonly random: number }
  /** Something that trying again cannot mend: a missing approval, a denied extension point. */
  | { readonly kind: 'refused' }
  /** It was ended because its grant got smaller; it starts again with what is left. */
  | { readonly kind: 'renewed' }
  /** The operator takes it out of service. */
  | { readonly kind: 'withdrawn' }
  /** The operator lets a quarantined plugin try again. */
  | { readonly kind: 'released' }
  | { readonly kind: 'stop' }
  | { readonly kind: 'stopped' }

export interface Step {
  readonly next: Lifecycle
  /** When the state is 'restarting': how long to wait before the 'start' event. */
  readonly delayMs?: number
}

export const NEW_LIFECYCLE: Lifecycle = { state: 'configured', crashes: [] }

/** An event that means nothing in the current state changes nothing. */
export function advance(life: Lifecycle, event: LifecycleEvent, policy: RestartPolicy): Step {
  const { state } = life
  const to = (next: PluginState): Step => ({ next: { ...life, state: next } })
  const stay: Step = { next: life }
  switch (event.kind) {
    case 'start':
      return state === 'configured' || state === 'restarting' ? to('starting') : stay
    case 'started':
      return state === 'starting' ? to('running') : stay
    case 'late':
      return state === 'running' ? to('degraded') : stay
    case 'recovered':
      return state === 'degraded' ? to('running') : stay
    case 'crashed': {
      if (state !== 'starting' && state !== 'running' && state !== 'degraded') return stay
      const crashes = [...life.crashes.filter((atMs) => event.atMs - atMs < policy.windowMs), event.atMs]
      if (crashes.length >= policy.maxCrashes) return { next: { state: 'quarantined', crashes } }
      // A crash of what ran is chance until it happens again; a start that failed would fail again at once.
      const atOnce = crashes.length === 1 && state !== 'starting'
      const delayMs = atOnce ? 0 : backoffMs(crashes.length, event.random, policy)
      return { next: { state: 'restarting', crashes }, delayMs }
    }
    case 'withdrawn':
      return state === 'quarantined' || state === 'stopping' || state === 'stopped' ? stay : to('quarantined')
    case 'refused':
      return state === 'stopping' || state === 'stopped' ? stay : to('quarantined')
    case 'renewed':
      return state === 'running' || state === 'degraded' ? { ...to('restarting'), delayMs: 0 } : stay
    case 'released':
      return state === 'quarantined' ? { next: { state: 'restarting', crashes: [] }, delayMs: 0 } : stay
    case 'stop':
      return state === 'stopped' ? stay : to('stopping')
    case 'stopped':
      return to('stopped')
  }
}

/**
 * @param crashes - how many within the window, from 1
 * @param random - from 0 up to 1
 */
function backoffMs(crashes: number, random: number, policy: RestartPolicy): number {
  const base = Math.min(policy.maxMs, policy.initialMs * 2 ** (crashes - 1))
  return Math.round(base * (0.75 + random / 2))
}
