/** One plugin's place among the cluster-state subscribers: there while it runs, and as far as its grant goes. */
import type { AuditTrail } from './audit/trail.js'
import type { Broker, Subscription } from './cluster/broker.js'
import { PluginError } from './errors.js'
import { clusterScope, clusterScopeKey, clusterScopeRules } from './policy/decide.js'
import type { Grant } from './policy/grant.js'

export interface StateFeedOptions {
  readonly plugin: string
  /** `undefined`: the node has no cluster state. */
  readonly broker: Broker | undefined
  /** Of the moment: it gets smaller when an addition expires. */
  readonly grant: () => Grant
  readonly audit: Pick<AuditTrail, 'decided'>
  /** False when there is no room. */
  readonly send: (json: Uint8Array | string) => boolean
}

export interface StateFeed {
  /** Whether the plugin may see any of it. */
  isGranted(): boolean
  open(): void
  close(): void
  /** @param uuid - as the plugin said it */
  acknowledged(uuid: unknown): void
  resync(): void
  /** Resolves when the newest state is acknowledged, or nothing can acknowledge it. */
  settled(): Promise<void>
}

export function makeStateFeed({ plugin, broker, grant, audit, send }: StateFeedOptions): StateFeed {
  let subscription: Subscription | undefined
  let settling: (() => void)[] = []
  const isGranted = (): boolean => broker !== undefined && clusterScope(grant(), []) !== 'none'

  function tellSettled(): void {
    if (subscription !== undefined && subscription.lag().versions > 0) return
    for (const resolve of settling) resolve()
    settling = []
  }

  return {
    isGranted,
    open() {
      if (broker === undefined || !isGranted()) return
      const rule = clusterScopeRules(grant())
      audit.decided('clusterState.read', 'subscription', { allowed: true, rule })
      subscription = broker.attach({
        plugin,
        key: clusterScopeKey(grant()),
        scope: (path) => clusterScope(grant(), path),
        send(json) {
          if (!send(json)) throw new PluginError('QUEUE_FULL', { plugin })
        },
      })
    },
    close() {
      subscription?.detach()
      subscription = undefined
      tellSettled()
    },
    acknowledged(uuid) {
      if (typeof uuid === 'string') subscription?.acknowledge(uuid)
      tellSettled()
    },
    resync: () => subscription?.resync(),
    settled() {
      if (subscription === undefined || subscription.lag().versions === 0) return Promise.resolve()
      return new Promise((resolve) => settling.push(resolve))
    },
  }
}
