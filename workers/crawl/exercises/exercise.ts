/**
 * Calls that the shapes of explorer-script.ts do not hit: each makes functions of modules work as a program
 * would, so that what they give is there to be looked at. Text, because it runs as a plugin's code.
 *
 * `keep(value)` keeps a value, `called((callback) => …)` awaits a callback's result, `event(emitter, name)` an event;
 * `powers` are what the modules stand on, `ears(name, does)` gives an object that hears whatever they tell, and acts as
 * `does` says; `dir` is a directory below the plugin's data.
 */
import { words } from '../../attenuate/words.js'

export interface Exercise {
  /** The functions that it makes work: `fs.readFile`; or what else it is about, `powers of net`. */
  readonly covers: readonly string[]
  readonly run: string
}

/** `of('fs', 'read write', 'Sync')` is fs.readSync and fs.writeSync. */
export function of(module: string, names: string, ending = ''): readonly string[] {
  return words(names).map((name) => `${module}.${name}${ending}`)
}
