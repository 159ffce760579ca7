/** The misbehaviours of the chaos plugin that the show asks for, each in one line for people. */
export interface ChaosCase {
  readonly name: string
  readonly asks: string
  /**
   * Whether a thread in the node's own process can be held to it. Memory outside the
   * heap has no limit there, and a heap that grows in one jump ends the whole process.
   */
  readonly containedByThread: boolean
}

export const CHAOS_CASES: readonly ChaosCase[] = [
  {
    name: 'throw',
    asks: 'answers, then throws from a timer where nobody can catch it',
    containedByThread: true,
  },
  { name: 'reject-late', asks: 'answers, then rejects a promise nobody waits for', containedByThread: true },
  { name: 'never', asks: 'takes the request and never answers', containedByThread: true },
  { name: 'spin', asks: 'loops for ever without giving its thread back', containedByThread: true },
  { name: 'leak', asks: 'fills its heap with a Map that grows without end', containedByThread: false },
  { name: 'leak-buffers', asks: 'takes memory outside the heap, 4 MB at a time', containedByThread: false },
  {
    name: 'exit',
    asks: 'tries process.exit and eleven known ways out of a sandbox',
    containedByThread: true,
  },
  { name: 'flood', asks: 'logs and waits for cluster states as fast as it can', containedByThread: true },
  { name: 'huge-reply', asks: 'answers with 50 MB', containedByThread: true },
]
