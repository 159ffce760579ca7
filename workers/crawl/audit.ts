/**
 * The authority audit of a plugin thread: two explorers, each a plugin of its own with the plugin's grant, and
 * the plugin itself where there is one. Whatever one of them reaches and must not, and whatever two of them
 * reach that can be changed, is a finding.
 */
import { homedir } from 'node:os'
import { dirname } from 'node:path'
import type { HostModules } from '../attenuate/host-modules.js'
import type { AuthorityReport, Finding, FindingKind } from '../../lib/protocol/authority.js'
import type { AbortKit } from '../attenuate/abort.js'
import { OWN_MODULES } from '../attenuate/modules.js'
import type { PluginCompartmentOptions } from '../compartment.js'
import { crawl, type Crawl, type Facts, type Root } from './crawl.js'
import { EXERCISES } from './exercises/index.js'
import { INERT } from './exercises/inert.js'
import { explore, type Explored, type ExplorerOptions } from './explorer.js'
import { MOST_KEPT } from './explorer-script.js'
import { takeHostObjects, type HostObjects } from './host-objects.js'
import { hostPathFinder } from './host-paths.js'
import { takeLanguage } from './language.js'
import { sharedFindings } from './shared.js'

export interface Auditor {
  audit(subject: Subject): Promise<AuthorityReport>
}

export interface Subject {
  /** What the plugin's compartment is made with. */
  readonly options: PluginCompartmentOptions
  /** What a plugin is given beside its globals, made anew for each explorer. */
  readonly given: (makeAbort: () => AbortKit) => Readonly<Record<string, unknown>>
  /** What the plugin itself holds; nothing of it is called. */
  readonly plugin: readonly Root[]
  /** A directory below the plugin's data, as the plugin names it. */
  readonly dir: string
  /** Modules to look into and nothing else; all that there is, when left out. */
  readonly only?: readonly string[]
}

/** Call before `lockdownRealm` and `closeBuiltins`. */
export function takeAuditor(host: HostModules): Auditor {
  const language = takeLanguage(host)
  const objects = takeHostObjects(host, language)
  const { setTimeout, performance } = globalThis
  const now = performance.now.bind(performance)
  const turn = (): Promise<void> => new Promise((resolve) => void setTimeout(resolve, 1))
  const places = [homedir(), process.cwd(), process.execPath, dirname(process.execPath)]
  const on = process.on.bind(process)
  const off = process.off.bind(process)
  return {
    async audit({ options, given, plugin, dir, only }) {
      const { home, data } = options.grant
      const facts: Facts = {
        language,
        host: objects,
        findPath: hostPathFinder([...places, home, data]),
        turn,
        now,
      }
      const ignore = (): void => undefined // promises of the explorers that nobody waits for
      on('unhandledRejection', ignore)
      const explored: Explored[] = []
      try {
        for (const name of ['explorer-1', 'explorer-2']) {
          const own = { ...options, name }
          explored.push(await explore(own, facts, { ...whatOf(only), given, dir: `${dir}/${name}` }))
        }
        const crawls: Crawl[] = []
        for (const { roots } of explored) crawls.push(await crawl(roots, facts))
        if (plugin.length > 0) crawls.push(await crawl(plugin, facts))
        return reportOf(explored, crawls, objects)
      } finally {
        for (const { teardown } of explored) teardown()
        await turn() // what was rejected last is told after this turn
        off('unhandledRejection', ignore)
      }
    },
  }
}

function reportOf(
  explored: readonly Explored[],
  crawls: readonly Crawl[],
  host: HostObjects,
): AuthorityReport {
  const [one, other, own] = crawls as [Crawl, Crawl, Crawl | undefined]
  const explorers = explored.map(({ explorer }) => explorer)
  const [{ modules, all, worked, makers, repeated }] = explorers as [(typeof explorers)[number]]
  const met = new Set(crawls.flatMap((each) => [...each.met.keys()]))
  const findings = [
    ...(own?.findings ?? []),
    ...makers.map(finding('host-function', 'called with text, it makes a function of the host')),
    ...repeated.map(finding('shared-mutable', 'each call gives the same, and it can be changed')),
    ...one.findings,
    ...other.findings,
    ...sharedFindings(one, other, host),
    ...(own === undefined ? [] : sharedFindings(own, one, host)),
  ]
  return {
    objects: met.size,
    functions: [...met].filter((value) => typeof value === 'function').length,
    modules: [...modules],
    exports: { worked: worked.size, all: all.size },
    unexercised: [...all].filter((name) => !worked.has(name) && !Object.hasOwn(INERT, name)),
    failed: explorers.flatMap(({ failed }) => failed),
    complete:
      crawls.every(({ complete }) => complete) && explorers.every(({ kept }) => kept.length < MOST_KEPT),
    findings: distinct(findings),
  }
}

function whatOf(
  only: readonly string[] | undefined,
): Pick<ExplorerOptions, 'modules' | 'exercises' | 'surroundings'> {
  return only === undefined
    ? { modules: [...OWN_MODULES], exercises: EXERCISES, surroundings: true }
    : { modules: only, exercises: [], surroundings: false }
}

function finding(kind: FindingKind, what: string): (path: string) => Finding {
  return (path) => ({ kind, path, what })
}

/** Both explorers find the same. */
function distinct(findings: readonly Finding[]): readonly Finding[] {
  return [...new Map(findings.map((finding) => [`${finding.kind} ${finding.path}`, finding])).values()]
}
