/**
 * Brings a policy.json of an older version to the current one, before anything else
 * looks at it. Each step goes from one version to the next and knows those two forms
 * only; a version that nobody knows is refused whole, because its keys may mean
 * something else.
 */
import { CAPABILITIES, rulesFrom, type Capability } from './capability.js'
import { pointerToken } from './json-text.js'

export const POLICY_VERSION = 1

export interface Misfit {
  readonly pointer: string
  readonly message: string
  readonly remedy: string
}
interface Step {
  /** A new document; what it does not understand it leaves for the schema of the next version to name. */
  readonly up: (document: Record<string, unknown>) => Record<string, unknown>
  /** A pointer into the new form as one into the old. */
  readonly back: (pointer: string) => string
}

/** By the version they start from. */
const STEPS: readonly Step[] = [{ up: fromFlat, back: toFlat }]

/** The document in the current form, and a way from its pointers to those of the file. */
export function migrate(
  document: unknown,
): { readonly document: unknown; readonly back: (pointer: string) => string } | { readonly misfit: Misfit } {
  const same = { document, back: (pointer: string): string => pointer }
  if (typeof document !== 'object' || document === null || Array.isArray(document)) return same
  const version: unknown = Reflect.get(document, 'policyVersion')
  if (typeof version !== 'number' || version === POLICY_VERSION) return same // the schema speaks about a missing one
  const steps = Number.isInteger(version) && version >= 0 ? STEPS.slice(version) : []
  if (steps.length === 0) return { misfit: unknownVersion(version) }
  return steps.reduce<{ document: Record<string, unknown>; back: (pointer: string) => string }>(
    (so, { up, back }) => ({ document: up(so.document), back: (pointer) => so.back(back(pointer)) }),
    { document: { ...document }, back: (pointer) => pointer },
  )
}

function unknownVersion(version: number): Misfit {
  const newer = version > POLICY_VERSION
  return {
    pointer: '/policyVersion',
    message: `version ${version} of the policy format is not known here`,
    remedy: newer
      ? `update Bulkhead, or write the policy in version ${POLICY_VERSION}`
      : `write "policyVersion": ${POLICY_VERSION}`,
  }
}

/** Version 0 names each capability as tools print it: `"permissions": { "fs.read": [...] }`. */
function fromFlat({ permissions, ...rest }: Record<string, unknown>): Record<string, unknown> {
  const flat: Record<string, unknown> = isRecord(permissions) ? permissions : {}
  const known = rulesFrom((capability) => flat[capability] as readonly string[] | undefined)
  const others = Object.entries(flat).filter(([key]) => !CAPABILITIES.includes(key as Capability))
  const grant = isRecord(permissions) ? { ...known, ...Object.fromEntries(others) } : permissions
  return { ...rest, policyVersion: 1, ...(permissions === undefined ? {} : { grant }) }
}

function toFlat(pointer: string): string {
  if (pointer === '/grant') return '/permissions'
  if (!pointer.startsWith('/grant/')) return pointer
  const below = pointer.slice('/grant'.length)
  const capability = CAPABILITIES.find((name) => startsPointer(below, `/${name.replaceAll('.', '/')}`))
  if (capability === undefined) return `/permissions${below}`
  return `/permissions${pointerToken(capability)}${below.slice(capability.length + 1)}`
}

function startsPointer(pointer: string, start: string): boolean {
  return pointer === start || pointer.startsWith(`${start}/`)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
