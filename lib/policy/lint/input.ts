/** What can be linted, and what else the caller knows about the plugin. */
import type { Approval, PolicyRequest } from '../document.js'
import type { JavaPolicy } from '../java/policy.js'

export interface LintInput {
  /** Checked by the parser; file names are as the reader knows them. */
  readonly policy?: { readonly file: string; readonly request: PolicyRequest }
  readonly approval?: { readonly file: string; readonly approval: Approval }
  readonly java?: { readonly file: string; readonly policy: JavaPolicy }
  /** Built-in modules and globals the bundle uses: `fs`, `node:net`, `fetch`. Nothing is said about imports without it. */
  readonly modules?: readonly string[]
  /** Globals the bundle may use, for a word of that name stands in it: enough to use a capability, not to say that one is missing. */
  readonly globals?: readonly string[]
  /** npm packages in the bundle. Nothing is said about missing packages without it. */
  readonly packages?: readonly string[]
  /** Permission classes whose meaning is known. Nothing is said about unknown ones without it. */
  readonly knownClasses?: readonly string[]
  /** Now, milliseconds since 1970. Nothing is said about dates without it. */
  readonly wallTime?: number
}
