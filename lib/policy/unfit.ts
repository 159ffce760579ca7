/** What is wrong with a pattern and what to write instead, one sentence each. */
export interface Unfit {
  readonly fault: string
  readonly remedy: string
}
