/**
 * One attempt of a plugin to get at what it was not granted. The code is the body of an
 * async function with `require` and `target`; what it returns is told as text, and with
 * `climb` every object it returns is climbed for a function that makes code elsewhere.
 * Whether it got out is judged by effects (stage.ts), never by what it says.
 */
import type { GrantRules } from '../../lib/policy/document.js'
import type { Stage } from './stage.js'

export interface EscapeCase {
  readonly name: string
  readonly code: string
  readonly climb?: true
  /** It changes what other cases of its chapter stand on: it gets a plugin of its own. */
  readonly alone?: true
  /** Part of the short run. */
  readonly smoke?: true
  /**
   * Why it gets nothing in a bare Node either, so that this run alone does not show
   * that it could; left out, it has to get out there.
   */
  readonly tame?: string
  /** Runs in the test's process while the case does; gives what ends it. */
  readonly beside?: (stage: Stage) => () => void
}

export interface Chapter {
  readonly name: string
  /** What the plugin is granted besides its route. */
  readonly grant: (stage: Stage) => GrantRules
  readonly cases: readonly EscapeCase[]
}

export const nothing = (): GrantRules => ({})
