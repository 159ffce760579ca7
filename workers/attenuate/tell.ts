/** How one privileged operation was decided: what attenuators say to the node's audit, allowed and denied alike. */
export interface Answer {
  readonly allowed: boolean
  /** Which rule decided. */
  readonly rule: string
}

/**
 * @param operation - a capability of the policy, such as `fs.read` or `net.connect`
 * @param resource - the real path, or `host:port`; cut by whoever receives it
 */
export type Tell = (operation: string, resource: string, answer: Answer) => void
