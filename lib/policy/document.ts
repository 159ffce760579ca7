/**
 * The documents of the policy language as types: what a plugin asks for
 * (policy.json), what the operator answers (an approval), and the limits.
 * policies/*.schema.json are their checked form; lib/policy/parse.ts makes them.
 */

/** Capabilities, each a list of patterns. A key left out grants nothing. */
export interface GrantRules {
  readonly fs?: { readonly read?: readonly string[]; readonly write?: readonly string[] }
  readonly net?: { readonly connect?: readonly string[]; readonly listen?: readonly string[] }
  /** Names of environment variables of the node; exact, no wildcard. */
  readonly env?: readonly string[]
  /** Setting keys, dot-separated: `*` one part, `**` any number of parts. */
  readonly settings?: readonly string[]
  /** Paths into the cluster state, dot-separated: `nodes`, `metadata.indices.*.settings`. */
  readonly clusterState?: { readonly read?: readonly string[] }
  /** `rest:/_plugins/_demo/**`, `ingest:user-agent`. */
  readonly extensionPoints?: readonly string[]
  readonly plugins?: { readonly call?: readonly string[] }
}

/** What each limit counts, with its unit in the name; defaults in DEFAULT_LIMITS. */
export interface Limits {
  /** Old-space heap of the plugin's isolate, MiB. */
  readonly heapMb: number
  /** Young-generation heap, MiB. The default is V8's own: with 16, programs that make much garbage take up to 1.7 times the CPU. */
  readonly youngMb: number
  /** Native stack, MiB. */
  readonly stackMb: number
  /** Memory outside the heap (buffers, Wasm), MiB: the child's resident memory may pass its start by heap + young + external. */
  readonly externalMb: number
  /** Cores the plugin may use, averaged over ten seconds; one that takes more is slowed, not ended. */
  readonly cpuShare: number
  /** How long the plugin's thread may go without answering a ping. */
  readonly blockedMs: number
  /** Deadline of a call that names none. */
  readonly callTimeoutMs: number
  /** How long start() of the plugin may take, loading included. */
  readonly startTimeoutMs: number
  /** Calls the host keeps under way in the plugin at once, and the plugin in the host. */
  readonly inFlight: number
  /** Calls that may wait when `inFlight` is reached. */
  readonly queue: number
  /** Calls the host begins in the plugin a second, with as many at once after a pause; more wait in the queue. */
  readonly callsPerSecond: number
  /** Messages without an answer (log lines, failures, audit, acknowledgements) that the host takes a second; more wait in the plugin. */
  readonly noticesPerSecond: number
  /** Bytes a second, counted for each direction; what is more waits on the side that sends it. */
  readonly bytesPerSecond: number
  /** Bytes of one message, its binary sections included. */
  readonly messageBytes: number
  /** Levels of arrays and objects in one message. */
  readonly messageDepth: number
  /** What the host holds for the plugin at once (calls that wait, streams nobody has read yet, unsent bytes), MiB. */
  readonly hostMb: number
  /** Bytes of log text kept a second; the rest is counted and dropped. */
  readonly logBytesPerSecond: number
  /** Timers waiting at once. */
  readonly timers: number
  /** Files open and directories watched at once. */
  readonly files: number
  /** Sockets and servers open at once, connections under way included. */
  readonly sockets: number
  /** What the plugin's data directory may hold, MiB. */
  readonly dataMb: number
}

export const DEFAULT_LIMITS: Limits = {
  heapMb: 128,
  youngMb: 48,
  stackMb: 4,
  externalMb: 64,
  cpuShare: 0.5,
  blockedMs: 1000,
  callTimeoutMs: 5000,
  startTimeoutMs: 10_000,
  inFlight: 64,
  queue: 256,
  callsPerSecond: 5000,
  noticesPerSecond: 1000,
  bytesPerSecond: 67_108_864,
  messageBytes: 1_048_576,
  messageDepth: 64,
  hostMb: 32,
  logBytesPerSecond: 65_536,
  timers: 1000,
  files: 64,
  sockets: 64,
  dataMb: 1024,
}

/** policy.json beside a plugin.json: what the plugin asks for. */
export interface PolicyRequest {
  readonly $schema?: string
  /** For readers; not part of the decision. */
  readonly $comment?: string
  readonly policyVersion: 1
  /** Names of presets whose rules come on top; expandPresets puts them in and takes this key away. */
  readonly extends?: readonly string[]
  readonly grant: GrantRules
  /** What the code of one npm package may do besides, by the name of the package. */
  readonly packages?: Readonly<Record<string, PackageRules>>
  readonly limits?: Partial<Limits>
}

/** The capabilities that code inside a plugin uses by itself; the others belong to the plugin as a whole. */
export type PackageRules = Pick<GrantRules, 'fs' | 'net' | 'env'>

/** policies/<plugin>.json of the node: what its operator answers. */
export interface Approval {
  readonly $schema?: string
  /** For readers; not part of the decision. */
  readonly $comment?: string
  readonly plugin: string
  /**
   * The canonical request that was approved, to be read and to tell what a later one asks
   * for beyond it; `approves.request` is its hash.
   */
  readonly asked?: PolicyRequest
  readonly approves: {
    /** `sha256-…` (base64) of the expanded canonical request. */
    readonly request: string
    /** `sha256-…` (base64) of the bundle; may be left out when `acceptUpdates` is 'code'. */
    readonly bundle?: string
    /** 'none': exactly this code; 'code': any code that asks for no more than this. */
    readonly acceptUpdates: 'none' | 'code'
  }
  /** The operator trusts it with the node's own process (isolation 'thread'), and says why. */
  readonly trusted?: { readonly reason: string }
  /** Only what these rules allow too stays granted; a key left out does not narrow. */
  readonly narrow?: GrantRules
  readonly add?: readonly Addition[]
  /** Replaces limits of the request, one by one. */
  readonly limits?: Partial<Limits>
}

export interface Addition {
  readonly grant: GrantRules
  /** Why the operator added it; required, not empty. */
  readonly reason: string
  /** ISO date (YYYY-MM-DD); from that day on, UTC, it grants nothing. */
  readonly expires?: string
}
