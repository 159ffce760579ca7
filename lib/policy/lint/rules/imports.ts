/** Rules that hold what is asked for against what the bundle imports. */
import type { Capability } from '../../capability.js'
import type { Facts } from '../facts.js'
import { placeInJson, quote, type Hit } from '../finding.js'
import type { RuleList } from '../rule-list.js'

const CONNECTS: readonly string[] =
  'net tls http https http2 dgram dns fetch WebSocket EventSource XMLHttpRequest'.split(' ')
const LISTENS: readonly string[] = 'net tls http https http2 dgram'.split(' ')

/** Modules and globals without which a capability cannot be used; others are used through the host. */
const USERS: { readonly [C in Capability]?: readonly string[] } = {
  'fs.read': ['fs'],
  'fs.write': ['fs'],
  'net.connect': CONNECTS,
  'net.listen': LISTENS,
  env: ['process'],
}

/** Modules that do nothing without one of these; `process` has facts for everybody. */
const NEEDS: readonly { readonly modules: readonly string[]; readonly needs: readonly Capability[] }[] = [
  { modules: ['fs'], needs: ['fs.read', 'fs.write'] },
  { modules: CONNECTS, needs: ['net.connect', 'net.listen'] },
]

/** The cut of docs/built-ins.md that no grant opens. */
const DENIED: ReadonlySet<string> = new Set(
  'vm v8 module inspector repl worker_threads child_process cluster trace_events wasi dgram'.split(' '),
)

export function unusedCapabilities({ input, lists }: Facts): readonly Hit[] {
  const { modules, globals = [] } = input
  if (modules === undefined) return []
  const used = baseNames([...modules, ...globals])
  return lists.flatMap((list): readonly Hit[] => {
    const users = USERS[list.capability]
    const asks = list.owner === 'plugin' || list.owner === 'package'
    if (!asks || users === undefined || list.patterns.length === 0) return []
    if (users.some((name) => used.has(name))) return []
    return [
      {
        code: 'unused-capability',
        place: placeInJson(list.file, list.pointer),
        message: `the bundle uses none of ${users.join(', ')}, so it cannot use ${list.capability}`,
        fix: 'remove the rules',
      },
    ]
  })
}

export function uncoveredImports({ input: { policy, modules }, lists }: Facts): readonly Hit[] {
  if (modules === undefined || policy === undefined || policy.request.extends !== undefined) return []
  const used = baseNames(modules)
  const granted = new Set(lists.filter(grantsSomething).map(({ capability }) => capability))
  return NEEDS.flatMap(({ modules: names, needs }) => {
    const imported = names.filter((name) => used.has(name))
    if (imported.length === 0 || needs.some((capability) => granted.has(capability))) return []
    return [
      {
        code: 'uncovered-import',
        place: placeInJson(policy.file, '/grant'),
        message: `the bundle uses ${imported.join(', ')}, but no rule grants ${needs.join(' or ')}`,
        fix: `add the rules it needs under ${needs[0] ?? ''}, or leave the import out`,
      },
    ]
  })
}

export function deniedImports({ input: { policy, modules } }: Facts): readonly Hit[] {
  if (policy === undefined) return []
  return [...baseNames(modules ?? [])]
    .filter((name) => DENIED.has(name))
    .map((name) => ({
      code: 'denied-import',
      place: placeInJson(policy.file, '/grant'),
      message: `the bundle uses ${quote(name)}, which no policy can open`,
      fix: 'leave the import out, or make sure that the package works without it',
    }))
}

function grantsSomething({ owner, patterns }: RuleList): boolean {
  return owner !== 'narrow' && patterns.length > 0
}

/** `node:fs/promises` is `fs` here. */
function baseNames(modules: readonly string[]): ReadonlySet<string> {
  return new Set(modules.map((name) => name.replace(/^node:/, '').split('/', 1)[0] ?? ''))
}
