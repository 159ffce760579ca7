/**
 * The notice `audit`: what a plugin thread says of privileged operations, and the
 * bounds both sides keep. The counts of all entries add up to the operations there
 * were: what is not told one by one is in an entry without a resource.
 */
export interface AuditEntry {
  /** A kind of request of the policy, such as `fs.read` or `net.connect`. */
  readonly operation: string
  /** The real path, `host:port` or name; `null` for operations that are only counted. */
  readonly resource: string | null
  readonly allowed: boolean
  /** Which rule decided. */
  readonly rule: string
  /** How many operations this stands for; a whole number from 1. */
  readonly count: number
}

export const MOST_AUDIT_ENTRIES = 32
/** Characters of a resource and of a rule. */
export const MOST_AUDIT_CHARS = 500
export const MOST_AUDIT_COUNT = 0xffff_ffff
/** Bytes of one notice; below the smallest frame that a policy can set (`limits.messageBytes`). */
export const MOST_AUDIT_BYTES = 7168

const OPERATION = /^[a-z][a-zA-Z.]{0,63}$/

export function isOperation(text: string): boolean {
  return OPERATION.test(text)
}

/** Controls, line and paragraph separators, marks that change a line's direction, and halves of surrogate pairs. */
const UNSAFE = /[\p{Cc}\p{Cs}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu

/** The text cut to its bound, with U+FFFD for what could show it as another text than it is. */
export function auditText(text: string): string {
  return text.slice(0, MOST_AUDIT_CHARS).replace(UNSAFE, '\ufffd')
}
