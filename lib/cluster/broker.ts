/**
 * Sends each plugin the cluster states it may see: one full state first, then diffs,
 * one message at a time. The host never waits here. While a message is not yet
 * acknowledged, newer states are not queued: the acknowledgement is answered with one
 * diff to the newest. So a subscriber costs one message and one state, however slow.
 *
 * Version and uuid a subscriber sees are those of the newest state in which something
 * it may see changed. A change outside its scope sends nothing and does not count its
 * version up, so it tells nothing about what happens elsewhere either.
 *
 * A message that is lost is the end of its channel: detach and attach again.
 * Projection, diff and serialisation are in audience.ts, ages in lag.ts.
 */
import type { Clock, Milliseconds, TimerHandle } from '../powers.js'
import type { ProjectedState } from '../protocol/cluster-state.js'
import { makeAudience, type Audience, type BrokerCounts } from './audience.js'
import { makeLagWatch, type LagWatch } from './lag.js'
import type { Scope } from './projection.js'
import type { ClusterStateChange, ClusterStateSource } from './source.js'

export interface Subscriber {
  readonly plugin: string
  /** Subscribers with equal keys have equal scopes: the first one's scope serves all of them. */
  readonly key: string
  readonly scope: Scope
  /**
   * Takes UTF-8 JSON of a `StateMessage`. The bytes are shared with other subscribers:
   * not to be written to or transferred. What it throws detaches this subscriber.
   */
  readonly send: (message: Uint8Array) => void
}

export interface Subscription {
  /** The subscriber has the state `uuid` and its listeners are done with it. Any other uuid is answered as `resync`. */
  acknowledge(uuid: string): void
  /** The subscriber lost track: it is sent one full state, unless one is under way already. */
  resync(): void
  /** Visible states it has not acknowledged, and the age of the oldest in ms. */
  lag(): { readonly versions: number; readonly ms: Milliseconds }
  /** No more is sent. Calling it again does nothing. */
  detach(): void
}

export interface BrokerOptions {
  readonly source: ClusterStateSource
  readonly clock: Clock
  /** From this age on a lag is reported; 30,000 when left out. */
  readonly lagWarningMs?: Milliseconds
  /** Once an episode; the episode ends when the plugin has caught up. */
  readonly onLag?: (plugin: string, ms: Milliseconds) => void
  /** A subscriber was detached because a message could not be made for it or sent to it. */
  readonly onDetached?: (plugin: string, error: unknown) => void
}

export interface Broker {
  /** Sends the full state before it returns. */
  attach(subscriber: Subscriber): Subscription
  counts(): Readonly<BrokerCounts>
  /** Detaches everyone and leaves the source. */
  close(): void
}

interface Group {
  readonly audience: Audience
  readonly members: Set<Member>
}

interface Member {
  readonly subscriber: Subscriber
  readonly group: Group
  readonly lag: LagWatch
  /** The state it has; `undefined` when it needs a full one. */
  base: ProjectedState | undefined
  /** The sequence number up to which it has seen everything. */
  seen: number
  /** The state under way to it; while there is one, nothing else is sent but a full state in place of a diff. */
  sent: { readonly state: ProjectedState; readonly sequence: number; readonly full: boolean } | undefined
  /** When it asked for a full state, within the window. */
  resyncs: number[]
  /** Runs the resync that came too soon. */
  waiting: TimerHandle | undefined
}

/** Full states a subscriber may ask for within the window; the next comes when it is over. */
const MOST_RESYNCS = 4
const RESYNC_WINDOW_MS = 1000

export function makeBroker(options: BrokerOptions): Broker {
  const { clock, source, lagWarningMs = 30_000 } = options
  const groups = new Map<string, Group>()
  const counts: BrokerCounts = { projections: 0, diffs: 0, serialisations: 0 }
  let newest: ClusterStateChange = { source: 'current state', state: source.current() }
  let spreading = false

  const spread = (change: ClusterStateChange): void => {
    newest = change
    if (spreading) return // a `send` published: the loop below goes on with the newer state, never back to the older
    spreading = true
    let done: ClusterStateChange | undefined
    while (done !== newest) {
      done = newest
      for (const group of groups.values()) tell(group, done)
    }
    spreading = false
  }

  const tell = (group: Group, change: ClusterStateChange): void => {
    try {
      if (!group.audience.update(change)) return
    } catch (error) {
      for (const member of group.members) fail(member, error)
      return
    }
    for (const member of group.members) {
      member.lag.published()
      pump(member)
    }
  }

  /** Sends what the member needs next, if anything may be sent now. */
  const pump = (member: Member): void => {
    const { audience, members } = member.group
    if (!members.has(member) || member.sent !== undefined) return
    try {
      const message = member.base === undefined ? audience.full() : audience.from(member.base)
      const step = { state: audience.latest(), sequence: audience.sequence() }
      if (message === null) {
        // Shows the same as what it has: its base stays, since that is the uuid it knows.
        member.seen = step.sequence
        member.lag.acknowledged(true)
        return
      }
      member.sent = { ...step, full: member.base === undefined }
      member.lag.sent()
      member.subscriber.send(message)
    } catch (error) {
      fail(member, error)
    }
  }

  const acknowledge = (member: Member, uuid: string): void => {
    if (member.sent?.state.stateUUID === uuid) {
      member.base = member.sent.state
      member.seen = member.sent.sequence
      member.sent = undefined
      member.lag.acknowledged(member.seen === member.group.audience.sequence())
      pump(member)
    } else if (member.base?.stateUUID !== uuid) {
      resync(member) // an acknowledgement of what it is known to have is a mere repetition
    }
  }

  /** A full state is dear, so a subscriber that loses track again and again waits for the next one. */
  const mayResync = (member: Member): boolean => {
    const now = clock.now()
    member.resyncs = member.resyncs.filter((atMs) => now - atMs < RESYNC_WINDOW_MS)
    if (member.resyncs.length < MOST_RESYNCS) return member.resyncs.push(now) > 0
    member.waiting ??= clock.setTimeout(() => {
      member.waiting = undefined
      if (member.group.members.has(member)) resync(member)
    }, RESYNC_WINDOW_MS)
    return false
  }

  const resync = (member: Member): void => {
    if (member.sent?.full === true || !mayResync(member)) return
    if (member.sent === undefined && member.group.members.has(member)) member.lag.published()
    member.base = undefined
    member.seen = Math.min(member.seen, member.group.audience.sequence() - 1)
    member.sent = undefined
    pump(member)
  }

  const drop = (member: Member): void => {
    member.lag.stop()
    if (member.waiting !== undefined) clock.clearTimeout(member.waiting)
    const { key } = member.subscriber
    member.group.members.delete(member)
    if (member.group.members.size === 0 && groups.get(key) === member.group) groups.delete(key)
  }

  const fail = (member: Member, error: unknown): void => {
    if (!member.group.members.has(member)) return
    drop(member)
    report(() => options.onDetached?.(member.subscriber.plugin, error))
  }

  const groupOf = (subscriber: Subscriber): Group => {
    const known = groups.get(subscriber.key)
    if (known !== undefined) return known
    const group: Group = { audience: makeAudience(subscriber.scope, newest, counts), members: new Set() }
    groups.set(subscriber.key, group)
    return group
  }

  const attach = (subscriber: Subscriber): Subscription => {
    const group = groupOf(subscriber)
    const warn = (ms: Milliseconds): void => report(() => options.onLag?.(subscriber.plugin, ms))
    const lag = makeLagWatch(clock, lagWarningMs, warn)
    const seen = group.audience.sequence() - 1
    const member: Member = {
      subscriber,
      group,
      lag,
      base: undefined,
      seen,
      sent: undefined,
      resyncs: [],
      waiting: undefined,
    }
    group.members.add(member)
    lag.published()
    pump(member)
    return {
      acknowledge: (uuid) => acknowledge(member, uuid),
      resync: () => resync(member),
      lag: () => ({ versions: group.audience.sequence() - member.seen, ms: lag.ms() }),
      detach: () => drop(member),
    }
  }

  const unsubscribe = source.subscribe(spread)
  return {
    attach,
    counts: () => ({ ...counts }),
    close: () => {
      unsubscribe()
      for (const group of groups.values()) for (const member of group.members) drop(member)
    },
  }
}

/** What a listener of the broker throws must not keep the other plugins from their states. */
function report(run: () => void): void {
  try {
    run()
  } catch {
    // The listener is the host's own and the last one to tell.
  }
}
