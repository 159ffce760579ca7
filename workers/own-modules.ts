/**
 * The plugin's own copies of Node's modules: scripts evaluated in its compartment, over
 * the powers they are given. Which of them a plugin may ask for is compartment.ts.
 */
import type { DnsPowers } from './attenuate/dns/dns.js'
import type { Files } from './attenuate/fs/files.js'
import type { Native } from './attenuate/native.js'
import type { Net } from './attenuate/net/net.js'
import type { Tls } from './attenuate/tls/tls.js'
import { evaluateIn, type AnyFunction } from './evaluate-in.js'
import type { Harden } from './lockdown.js'

/** A module of the plugin's own by its name, or one export of it; made at its first need. */
export type OwnModules = (name: string, part?: string) => unknown

export interface OwnScripts {
  /** Text of the bundle of workers/builtins. */
  readonly builtinsCode: string
  /** Text of the bundle of workers/builtins/web. */
  readonly webCode: () => string
  readonly harden: Harden
}

/** What the copies stand on, under the names that they know it by. */
export interface GivenPowers {
  readonly native: Native
  readonly files: Files
  readonly net: Net
  readonly tls: Tls
  readonly dns: DnsPowers
}

/**
 * The copies of the built-ins, pure but for what stands on `given`: the script is run at
 * the first need, each module at its own.
 */
export function ownModules(
  compartment: Compartment,
  { builtinsCode, webCode, harden }: OwnScripts,
  scope: Readonly<Record<string, unknown>>,
  given: GivenPowers,
): OwnModules {
  let load: AnyFunction | undefined
  /** The second script, which stands on the first and is larger than it; most plugins never need it. */
  const webScript = harden((): AnyFunction => {
    const source = `(function (module, exports, require) {\n${webCode()}\n})\n//# sourceURL=bulkhead-web.js`
    return evaluateIn(compartment, source)
  })
  return (name, part) => {
    if (load === undefined) {
      const parameters = ['module', 'exports', 'global', ...Object.keys(given), 'webScript'].join()
      const source = `(function (${parameters}) {\n${builtinsCode}\n})\n//# sourceURL=bulkhead-builtins.js`
      const module: { exports: { load?: unknown } } = { exports: {} }
      const values = [module, module.exports, scope['globalThis'], ...Object.values(given), webScript]
      Reflect.apply(evaluateIn(compartment, source), undefined, values)
      load = module.exports.load as AnyFunction
    }
    const loaded = load(name)
    return part === undefined ? loaded : (loaded as Readonly<Record<string, unknown>>)[part]
  }
}
