/** Rules about capabilities other than files and network, and about limits. */
import { DEFAULT_LIMITS, type Limits } from '../../document.js'
import { pointerToken } from '../../json-text.js'
import { isSecretName } from '../../secrets.js'
import type { Facts } from '../facts.js'
import { placeInJson, quote, type Hit } from '../finding.js'
import { entriesOf, opening } from '../rule-list.js'

/** A limit is far above the default from so many times on. */
const FAR_ABOVE = 8
/** Kinds that have a path or a name of their own. */
const NAMED_POINTS: readonly string[] = ['rest', 'ingest']

export function secretEnv({ lists }: Facts): readonly Hit[] {
  return entriesOf(opening(lists), 'env')
    .filter(({ text }) => isSecretName(text))
    .map(({ text, place }) => ({
      code: 'secret-env',
      place,
      message: `${quote(text)} looks like a secret of the node`,
      fix: 'leave it out if a setting of the plugin can hold a secret of its own',
    }))
}

export function allSettings({ lists }: Facts): readonly Hit[] {
  return entriesOf(opening(lists), 'settings')
    .filter(({ text }) => isAll(text.split('.')))
    .map(({ text, place }) => ({
      code: 'all-settings',
      place,
      message: `${quote(text)} is every setting of the node`,
      fix: 'name the prefix of the plugin, like s3.client',
    }))
}

export function wholeClusterState({ lists }: Facts): readonly Hit[] {
  return entriesOf(opening(lists), 'clusterState.read')
    .filter(({ text }) => isAll(text.split('.')))
    .map(({ text, place }) => ({
      code: 'whole-cluster-state',
      place,
      message: `${quote(text)} is the whole cluster state`,
      fix: 'name the parts that are read, like nodes or metadata.indices.*.settings',
    }))
}

export function anyExtensionPoint({ lists }: Facts): readonly Hit[] {
  return entriesOf(opening(lists), 'extensionPoints').flatMap(({ text, place }): readonly Hit[] => {
    const colon = text.indexOf(':')
    const kind = colon === -1 ? text : text.slice(0, colon)
    const rest = colon === -1 ? '**' : text.slice(colon + 1)
    const parts = rest.startsWith('/') ? rest.slice(1).split('/') : rest.split('/')
    if (!NAMED_POINTS.includes(kind) || !isAll(parts)) return []
    const what = kind === 'rest' ? 'any route' : 'a processor of any name'
    const fix =
      kind === 'rest' ? 'name its own prefix, like rest:/_plugins/_demo/**' : `name it, like ${kind}:demo`
    return [
      { code: 'any-extension-point', place, message: `${quote(text)} lets the plugin provide ${what}`, fix },
    ]
  })
}

export function highLimits({ input: { policy, approval } }: Facts): readonly Hit[] {
  return [
    ...limitsAbove(policy?.request.limits, policy?.file),
    ...limitsAbove(approval?.approval.limits, approval?.file),
  ]
}

function limitsAbove(limits: Partial<Limits> | undefined, file: string | undefined): readonly Hit[] {
  if (limits === undefined || file === undefined) return []
  const names = Object.keys(DEFAULT_LIMITS) as (keyof Limits)[]
  return names.flatMap((name) => {
    const value = limits[name] ?? 0
    const usual = DEFAULT_LIMITS[name]
    if (value < usual * FAR_ABOVE) return []
    return [
      {
        code: 'high-limit',
        place: placeInJson(file, `/limits${pointerToken(name)}`),
        message: `${name} is ${value}, ${Math.floor(value / usual)} times the default of ${usual}`,
        fix: 'ask for what was measured and a margin, or leave it out',
      },
    ]
  })
}

function isAll(parts: readonly string[]): boolean {
  return parts.every((part) => part === '*' || part === '**')
}
