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
  /** What keeps the document from being brought up. */
  readonly misfit: (document: Record<string, unknown>) => Misfit | undefined
  /** A new document; what it does not understand it leaves for the schema of the next version to name. */
  readonly up: (document: Record<string, unknown>) => Record<string, unknown>
  /** A pointer into the new form as one into the old. */
  readonly back: (pointer: string) => string
}

/** By the version they start from. */
const STEPS: readonly Step[] = [{ misfit: isMixed, up: fromFlat, back: toFlat }]

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
  let current: Record<string, unknown> = { ...document }
  let back = same.back
  for (const step of steps) {
    const misfit = step.misfit(current)
    if (misfit !== undefined) return { misfit }
    const earlier = back
    current = step.up(current)
    back = (pointer) => earlier(step.back(pointer))
  }
  return { document: current, back }
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

/** Keys that mean something in version 1 only: beside those of version 0 one would hide the other. */
function isMixed(document: Record<string, unknown>): Misfit | undefined {
  const { permissions } = document
  const group = CAPABILITIES.find(
    (name) => name.includes('.') && hasOwn(permissions, name.split('.', 1)[0] ?? ''),
  )
  const key = Object.hasOwn(document, 'grant') ? '/grant' : `/permissions/${group?.split('.', 1)[0] ?? ''}`
  if (group === undefined && key !== '/grant') return undefined
  return {
    pointer: key,
    message: 'version 0 of the policy format has no such key, version 1 has',
    remedy: 'write the whole document in version 1',
  }
}

function hasOwn(value: unknown, key: string): boolean {
  return isRecord(value) && Object.hasOwn(value, key)
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
