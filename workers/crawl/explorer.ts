/**
 * One plugin that looks for everything it can reach: a compartment as any plugin's, with a script that calls
 * all it gets (explorer-script.ts). Gives the roots of a crawl.
 */
import type { AbortKit } from '../attenuate/abort.js'
import { makePluginCompartment, type PluginCompartmentOptions } from '../compartment.js'
import type { Facts, Root } from './crawl.js'
import type { Exercise } from './exercises/exercise.js'
import { explorerScript, type Explorer } from './explorer-script.js'

export interface Explored {
  readonly roots: readonly Root[]
  readonly explorer: Explorer
  teardown(): void
}

/** Names of the plugin's own global object, which it may change. */
const ITS_OWN: ReadonlySet<string> = new Set(['globalThis', 'global', 'self'])
/** Where its built-ins leave what they were given. */
const GIVEN = 'what the built-ins were given'
/** Modules that cut up bytes of the plugin's own, or that other modules gave: nobody else has a part of those. */
const OWN_BYTES = /^(?:new )?(?:require\(")?(?:stream\/web|https?)\b/
/** So many turns of the event loop without anything new are the end. */
const QUIET_TURNS = 25
const MOST_WAIT_MS = 3000

export interface ExplorerOptions {
  readonly exercises: readonly Exercise[]
  /** Names for `require`. */
  readonly modules: readonly string[]
  /** Whether the globals and the powers behind the modules are called as well. */
  readonly surroundings: boolean
  /** What else a plugin is given, such as the context of `start`; trusted code made it. */
  readonly given: (makeAbort: () => AbortKit) => Readonly<Record<string, unknown>>
  /** A directory below the plugin's data, as the plugin names it. */
  readonly dir: string
}

export async function explore(
  options: PluginCompartmentOptions,
  facts: Facts,
  { exercises, modules, surroundings, given, dir }: ExplorerOptions,
): Promise<Explored> {
  const strays: unknown[] = []
  const compartment = makePluginCompartment({
    ...options,
    // The parameters of the script of the built-ins are all that they stand on: those powers are crawled too.
    builtinsCode: `${options.builtinsCode}\n;global[${JSON.stringify(GIVEN)}] = Array.from(arguments).slice(3)`,
    log: () => undefined,
    onUncaught: (error) => void strays.push(error),
  })
  const begin = compartment.evaluate(`
    require('util')
    const given = globalThis[${JSON.stringify(GIVEN)}]
    delete globalThis[${JSON.stringify(GIVEN)}]
    module.exports = { global: globalThis, powers: given, require }`) as Readonly<Record<string, object>>
  const scope = begin['global'] as Readonly<Record<string, unknown>>
  const names = Object.getOwnPropertyNames(scope)
  const powers = begin['powers'] as readonly unknown[]
  if (powers.length === 0) throw new Error('the built-ins say nothing of what they were given')
  const more = Object.entries(given(() => compartment.makeAbort()))
  const explorer = compartment.evaluate(explorerScript(exercises, dir)) as Explorer
  const frozen: Root[] = [
    ...names.flatMap((path) => {
      const own = Object.getOwnPropertyDescriptor(scope, path)
      if (ITS_OWN.has(path)) return []
      // What a getter makes at first use comes of scripts that run as the plugin's own, as `Buffer` does.
      if (own?.get !== undefined) return [{ path: `${path}[get]`, value: own.get, frozen: true }]
      return [{ path, value: own?.value as unknown, frozen: true }]
    }),
    ...powers.map((value, index) => ({ path: `powers[${index}]`, value, frozen: true })),
    ...more.map(([path, value]) => ({ path, value, frozen: true })),
    { path: 'require', value: begin['require'], frozen: true },
  ]
  await explorer.explore({
    modules,
    granted: Object.keys(options.modules ?? {}),
    globals: names.filter((name) => surroundings && !facts.language.names.has(name) && !ITS_OWN.has(name)),
    powers: surroundings ? powers : [],
    given: more,
    isHost: options.harden((value: unknown) => isHost(value, facts) || holdsHost(value, facts)),
    known: [...facts.language.names].flatMap((name) => {
      const value = scope[name] as { readonly prototype?: unknown } | undefined
      return value?.prototype === undefined ? [] : [value.prototype]
    }),
  })
  await quiet(explorer, facts)
  const kept = explorer.kept.map(([path, value]) => ({ path, value, result: !OWN_BYTES.test(path) }))
  // What comes of both ways is held to the stricter rule: that is looked at first.
  const [first, rest] = [kept.filter(({ result }) => result), kept.filter(({ result }) => !result)]
  return {
    roots: [
      ...frozen,
      ...first,
      ...rest,
      ...strays.map((value) => ({ path: 'thrown where nobody waits', value })),
    ],
    explorer,
    teardown: () => compartment.teardown(),
  }
}

function isHost(value: unknown, { host }: Facts): boolean {
  return (
    ((typeof value === 'object' && value !== null) || typeof value === 'function') &&
    host.of(value) !== undefined
  )
}

/** A loader that Node makes on demand is known by its cache. */
function holdsHost(value: unknown, facts: Facts): boolean {
  if (typeof value !== 'function') return false
  return Object.values(Object.getOwnPropertyDescriptors(value)).some((own) => isHost(own.value, facts))
}

/** Waits until no answer has come for a while; some never come. */
async function quiet({ kept }: Explorer, { turn, now }: Facts): Promise<void> {
  const startedMs = now()
  for (let count = -1, turns = 0; turns < QUIET_TURNS && now() - startedMs < MOST_WAIT_MS; turns++) {
    await turn()
    if (kept.length !== count) turns = 0
    count = kept.length
  }
}
