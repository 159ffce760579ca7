/**
 * Request + approval -> one frozen Grant. A Grant is plain data: it goes to the
 * plugin thread as JSON, decisions are made from it on both sides.
 */
import type { Addition, GrantRules, Limits } from './document.js'

export interface Grant {
  readonly plugin: string
  /** What the plugin asked for, with ${plugin.home} and ${plugin.data} expanded. */
  readonly request: GrantRules
  /** What the operator left of it; `null` when the approval does not narrow. */
  readonly narrow: GrantRules | null
  readonly add: readonly Addition[]
  readonly limits: Limits
  /** Real path of the plugin's directory. */
  readonly home: string
  /** Real path of the directory the plugin may write to, if its rules say so. */
  readonly data: string
  /** Path prefixes refused whatever the rules say (self-approval, other plugins, /proc/<ppid>). */
  readonly denied: { readonly read: readonly string[]; readonly write: readonly string[] }
}
