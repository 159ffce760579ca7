/**
 * Stands between the node's calls and one plugin: keeps a breaker for each of its extension
 * points, and gives what the operator chose where no answer comes. What a call is and how
 * it is made is the service's; the rules are breaker.ts's, outcome.ts's and fallback.ts's.
 */
import { PluginError, type ErrorCode } from '../errors.js'
import type { RestReply } from '../extensions/reply.js'
import type { RestCall, Route } from '../extensions/rest.js'
import type { Clock } from '../powers.js'
import type { Json } from '../protocol/cluster-state.js'
import {
  admit,
  CLOSED,
  ended,
  type Breaker,
  type BreakerPolicy,
  type BreakerState,
  type Ending,
  type OpenBreaker,
} from './breaker.js'
import { makeFallenCalls, type FallenCalls } from './fallen-calls.js'
import type { ChooseFallback, FallbackUse } from './fallback.js'
import { makeLastGood, requestKey } from './last-good.js'
import { mayFallBack, outcomeOf } from './outcome.js'

type Document = { readonly [field: string]: Json }

export interface GuardedReply extends RestReply {
  /** Set when it is no answer to this call, but the last good one to the same request. */
  readonly fallback?: FallbackUse
}

/** As many documents as were sent, `null` for a dropped one. */
export type Ingested = readonly (Document | null)[] & {
  /** Set when they are what was sent, because the plugin gave no answer. */
  readonly fallback?: FallbackUse
}

export interface BreakerEvent {
  readonly plugin: string
  /** As the plugin registered it: `rest:/_plugins/_demo/{id}`, `ingest:user-agent`. */
  readonly point: string
  readonly from: BreakerState
  readonly to: BreakerState
  readonly reason: string
}

export interface FallbackEvent extends FallbackUse {
  readonly plugin: string
  readonly point: string
}

/** A breaker that is not closed. */
export interface BreakerInfo {
  readonly point: string
  readonly state: 'open' | 'half-open'
  /** Since when, ms of the wall clock. */
  readonly since: number
  readonly retryAfterMs: number
}

export interface GuardOptions {
  readonly plugin: string
  /** `false`: calls are never kept from the plugin. */
  readonly breaker: BreakerPolicy | false
  readonly fallbackOf: ChooseFallback
  readonly clock: Clock
  readonly onBreaker: (event: BreakerEvent) => void
  readonly onFallback: (event: FallbackEvent) => void
}

export interface Guard {
  /** What the plugin registered; called again after each of its starts. */
  registered(routes: readonly Route[]): void
  /** @param route - index in what was registered */
  rest(route: number, call: RestCall, begin: () => Promise<RestReply>): Promise<GuardedReply>
  ingest(
    type: string,
    documents: readonly Document[],
    begin: () => Promise<readonly (Document | null)[]>,
  ): Promise<Ingested>
  /** Closes every breaker. */
  release(): void
  /** Drops the replies that were kept. */
  forget(): void
  readonly fallen: FallenCalls
  info(): { readonly breakers: readonly BreakerInfo[]; readonly fallbacks: number }
}

export function makeGuard(options: GuardOptions): Guard {
  const { plugin, clock, fallbackOf } = options
  const pluginErrors = options.breaker !== false && options.breaker.pluginErrors
  const breakers = new Map<string, Breaker>()
  const lastGood = makeLastGood()
  const fallen = makeFallenCalls(clock)
  let routes: readonly { readonly point: string; readonly keeps: boolean }[] = []
  let fallbacks = 0

  function set(point: string, next: Breaker, reason: string): void {
    const from = breakers.get(point) ?? CLOSED
    if (next === from) return
    if (next === CLOSED) breakers.delete(point)
    else breakers.set(point, next)
    if (next.state !== from.state)
      options.onBreaker({ plugin, point, from: from.state, to: next.state, reason })
  }

  /**
   * Not an async function: it stands in the way of every call.
   * @param at - the extension point with the method, for people
   */
  function run<T>(point: string, at: string, begin: () => Promise<T>): Promise<T> {
    const beganMs = clock.now()
    let probe = false
    if (options.breaker !== false) {
      const admission = admit(breakers.get(point) ?? CLOSED, beganMs)
      if (!admission.admitted) return Promise.reject(refusal(point, admission.breaker, beganMs))
      probe = admission.probe
      set(point, admission.next, 'one call tries it again')
    }
    return begin().then(
      (answer) => {
        if (probe || breakers.size > 0) end(point, { outcome: 'answered', probe, beganMs }, 'it answered')
        return answer
      },
      (error: unknown) => {
        const code = codeOf(error)
        const outcome = code === undefined ? 'neither' : outcomeOf(code, pluginErrors)
        end(point, { outcome, probe, beganMs }, code ?? 'it failed')
        fallen.add(error, at, beganMs)
        throw error
      },
    )
  }

  function end(point: string, ending: Omit<Ending, 'atMs'>, reason: string): void {
    if (options.breaker === false) return
    set(
      point,
      ended(breakers.get(point) ?? CLOSED, { ...ending, atMs: clock.now() }, options.breaker),
      reason,
    )
  }

  function refusal(point: string, breaker: OpenBreaker, nowMs: number): PluginError {
    const { state, since, retryAfterMs } = describe(point, breaker, nowMs)
    return new PluginError('BREAKER_OPEN', {
      plugin,
      extensionPoint: point,
      state,
      since: new Date(since).toISOString(),
      retryAfterMs,
    })
  }

  function describe(point: string, breaker: OpenBreaker, nowMs: number): BreakerInfo {
    return {
      point,
      state: breaker.state,
      since: Math.round(clock.wallTime() - (nowMs - breaker.sinceMs)),
      retryAfterMs: Math.max(0, Math.ceil(breaker.retryMs - nowMs)),
    }
  }

  function used<T extends object>(
    answer: T,
    use: FallbackUse,
    point: string,
  ): T & { readonly fallback: FallbackUse } {
    fallbacks++
    options.onFallback({ plugin, point, ...use })
    return Object.assign(answer, { fallback: use })
  }

  /** The code of an error that a fallback may take the place of. */
  function replaceable(error: unknown): ErrorCode | undefined {
    const code = codeOf(error)
    return code !== undefined && mayFallBack(code, pluginErrors) ? code : undefined
  }

  return {
    fallen,
    registered(given) {
      routes = given.map(({ path }) => {
        const point = `rest:${path}`
        return { point, keeps: fallbackOf(point) === 'last-good' }
      })
    },
    rest(route, call, begin) {
      const { point, keeps } = routes[route] ?? { point: 'rest:', keeps: false }
      const answer = run(point, `${call.method} ${point.slice('rest:'.length)}`, begin)
      const key = keeps ? requestKey(call) : undefined
      if (key === undefined) return answer
      return answer.then(
        (reply) => {
          lastGood.keep(key, reply, clock.now())
          return reply
        },
        (error: unknown) => {
          const code = replaceable(error)
          const found = code === undefined ? undefined : lastGood.find(key, clock.now())
          if (code === undefined || found === undefined) throw error
          return used({ ...found.reply }, { kind: 'last-good', code, ageMs: found.ageMs }, point)
        },
      )
    },
    ingest(type, documents, begin) {
      const point = `ingest:${type}`
      const answer = run(point, point, begin)
      if (fallbackOf(point) !== 'skip') return answer
      return answer.catch((error: unknown) => {
        const code = replaceable(error)
        if (code === undefined) throw error
        return used([...documents], { kind: 'skip', code }, point)
      })
    },
    release() {
      for (const point of breakers.keys()) set(point, CLOSED, 'released by the operator')
    },
    forget: () => lastGood.clear(),
    info() {
      const nowMs = clock.now()
      const open = [...breakers].flatMap(([point, breaker]) =>
        breaker.state === 'closed' ? [] : [describe(point, breaker, nowMs)],
      )
      return { breakers: open, fallbacks }
    },
  }
}

function codeOf(error: unknown): ErrorCode | undefined {
  return error instanceof PluginError ? error.code : undefined
}
