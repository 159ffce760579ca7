/**
 * The one error class and the one table of codes. Callers switch on `code`; the
 * message is for people; `detail` holds the facts. docs/errors.md explains each.
 */
export const ERROR_CODES = {
  ACCESS_DENIED: 'the policy refuses this operation',
  APPROVAL_INVALID: 'the operator approval has faults',
  APPROVAL_MISMATCH: 'the approval does not cover what this plugin asks for or brings',
  APPROVAL_MISSING: 'the plugin asks for capabilities and no approval grants them',
  AUDIT_LOG_UNUSABLE: 'the audit log cannot be opened',
  BREAKER_OPEN: 'this extension point failed in a row and is not called for a while',
  BUNDLE_FAILED: 'the plugin could not be bundled into one script',
  BUNDLE_MISMATCH: 'the script is not the one that was approved',
  CALL_ABORTED: 'the caller gave the call up',
  CALL_TIMEOUT: 'the plugin did not answer before the deadline',
  CHANNEL_CLOSED: 'the channel to the plugin is closed',
  CLUSTER_REQUEST_INVALID: 'the cluster cannot do what was asked of it',
  CLUSTER_STATE_TIMEOUT: 'no cluster state satisfied the predicate before the timeout',
  CLUSTER_STATE_UNAVAILABLE: 'no cluster state has arrived yet',
  COMMAND_FAILED: 'the command could not do its work',
  CONFIG_INVALID: 'an option has a value that cannot be used',
  DEPENDENCY_CYCLE: 'the plugins extend each other in a circle',
  DEPENDENCY_MISSING: 'a plugin that this plugin extends is not installed',
  DESCRIPTOR_INVALID: 'plugin.json has faults',
  DUPLICATE_PLUGIN: 'two plugins share one name',
  ENTITLEMENT_POLICY_INVALID: 'the entitlement policy cannot be read',
  EXTENSION_CONFLICT: 'another plugin already provides this extension',
  EXTENSION_NOT_FOUND: 'no running plugin provides this extension',
  JAVA_PERMISSION_INVALID: 'the JDK refuses to make this permission',
  JAVA_POLICY_INVALID: 'the Java policy cannot be read',
  LAUNCHER_UNUSABLE: 'this machine refuses the launcher that was asked for',
  LIMIT_EXCEEDED: 'the plugin used more of a resource than its limit and was ended',
  MANDATORY_PLUGIN_FAILED: 'a plugin that the node cannot do without did not start',
  MESSAGE_TOO_LARGE: 'the message is larger than the limit',
  METHOD_UNKNOWN: 'the other side has no such method',
  MODULE_DENIED: 'the module is not available to plugins',
  PLUGIN_BLOCKED: 'the plugin blocked its thread for too long and was ended',
  PLUGIN_CRASHED: 'the plugin ended before it answered',
  PLUGIN_ERROR: 'the plugin threw an error',
  PLUGIN_NOT_RUNNING: 'the plugin is not running now',
  PLUGIN_OUT_OF_MEMORY: 'the plugin went past its memory limit and was ended',
  PLUGIN_START_FAILED: 'the plugin did not start',
  PLUGIN_STOPPED: 'the plugin was stopped',
  PLUGIN_UNKNOWN: 'no plugin has this name',
  POLICY_INVALID: 'policy.json has faults',
  PROTOCOL_VIOLATION: 'the other side broke the protocol; the channel is closed',
  QUEUE_FULL: 'too many calls are waiting for this plugin',
  REPLY_INVALID: 'the plugin answered with something else than this extension point expects',
  STREAM_ABORTED: 'the stream was given up before its end',
  VERSION_MISMATCH: 'the plugin was made for another version of the search node',
  WALL_FAILED: 'a wall that should hold does not hold on this machine',
} as const

export type ErrorCode = keyof typeof ERROR_CODES

export type ErrorDetail = Readonly<Record<string, unknown>>

/** Each that was made: a mark that nobody can forge or intercept. */
const made = new WeakSet<object>()

export class PluginError extends Error {
  override readonly name = 'PluginError'
  readonly code: ErrorCode
  readonly detail: ErrorDetail
  /** Whether a value is one. No code of the value runs, as it may where `instanceof` meets a proxy. */
  static is(value: unknown): value is PluginError {
    return made.has(value as object)
  }
  constructor(code: ErrorCode, detail: ErrorDetail = {}, options?: ErrorOptions) {
    super(describe(code, detail), options)
    made.add(this)
    this.code = code
    this.detail = detail
  }
}

/**
 * One thing wrong in one file, said so that its author can mend it without
 * reading the source: where (file, JSON pointer), what, and what to write.
 */
export interface Fault {
  readonly code: ErrorCode
  /** Path of the file as the operator knows it. */
  readonly file: string
  /** JSON pointer (RFC 6901) into the file; '' is the whole document. */
  readonly pointer: string
  /** What is wrong, one sentence. */
  readonly message: string
  /** What to write instead, one sentence. */
  readonly remedy: string
}

/** Faults told of one file; a file with more is wrong all over. */
const MOST_FAULTS = 100

/** A `PluginError` whose detail carries the faults found, not only the first. */
export function faultsError(code: ErrorCode, faults: readonly Fault[]): PluginError {
  const more = faults.length - MOST_FAULTS
  return new PluginError(code, { faults: faults.slice(0, MOST_FAULTS), ...(more > 0 ? { more } : {}) })
}

/** Names in a plugin's directory are its author's: nothing in them may steer a terminal. */
const CONTROL = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/** A fault as one line for people: `file#/pointer: message; remedy`. */
export function formatFault(fault: Fault): string {
  const line = `${fault.file}${fault.pointer === '' ? '' : `#${fault.pointer}`}: ${fault.message}; ${fault.remedy}`
  return line.replace(CONTROL, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`)
}

/** The sentence of the code, what was said about it, then the facts. A stack and output stay in `detail`; faults get lines of their own. */
function describe(code: ErrorCode, detail: ErrorDetail): string {
  const { message, stack: _stack, output: _output, faults, ...facts } = detail
  const line = [
    typeof message === 'string' && message !== ERROR_CODES[code]
      ? `${ERROR_CODES[code]}: ${message}`
      : ERROR_CODES[code],
    ...Object.entries(facts).map(
      ([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
    ),
  ].join(' ')
  if (!Array.isArray(faults)) return line
  return [line, ...(faults as readonly Fault[]).map((fault) => `  ${formatFault(fault)}`)].join('\n')
}
