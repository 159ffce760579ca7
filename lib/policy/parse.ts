/**
 * Text or data from outside -> a checked PolicyRequest or Approval, or every fault
 * found at once. The JSON schemas say what stands where; what they cannot say
 * (patterns, dates, duplicate keys) is checked here and in checkRules. Reading files
 * is the caller's: the schemas arrive as arguments.
 */
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import type { Fault } from '../errors.js'
import { checkRules } from './check-rules.js'
import type { Approval, GrantRules, PolicyRequest } from './document.js'
import { explainSchemaError } from './explain-schema-error.js'
import { pointerToken, readJson } from './json-text.js'
import { migrate } from './migrate.js'
import { expandPresets, unknownPreset, type Presets } from './presets.js'
import { suggest } from './suggest.js'

export interface PolicySchemas {
  /** The parsed content of policies/policy.schema.json. */
  readonly policy: object
  /** The parsed content of policies/approval.schema.json. */
  readonly approval: object
}

export interface PolicyParser {
  /**
   * @param input - JSON text, or the value itself
   * @param file - path for the faults, as the reader knows it
   * @returns `request` in the current version with the rules of its presets put in, so without
   *   `extends`; `extends` are the presets it named
   */
  parsePolicy(
    input: unknown,
    file: string,
  ):
    | { readonly request: PolicyRequest; readonly extends: readonly string[] }
    | { readonly faults: readonly Fault[] }
  parseApproval(
    input: unknown,
    file: string,
  ): { readonly approval: Approval } | { readonly faults: readonly Fault[] }
}

/**
 * Compiles the schemas once; the parser keeps nothing of what it reads.
 * @param presets - what `extends` may name; the shipped ones are in policies/presets
 */
export function makePolicyParser(schemas: PolicySchemas, presets: Presets = {}): PolicyParser {
  const ajv = new Ajv2020({ allErrors: true, verbose: true, strict: true, allowUnionTypes: true })
  const policy = ajv.compile(schemas.policy)
  const approval = ajv.compile(schemas.approval)
  return {
    parsePolicy(input, file) {
      const result = check(input, policy, (document) => [
        ...rulesOfPolicy(document),
        ...presetsOf(document, presets),
      ])
      if ('faults' in result) return located(result.faults, 'POLICY_INVALID', file)
      const written = result.value as PolicyRequest
      return { request: expandPresets(written, presets), extends: written.extends ?? [] }
    },
    parseApproval(input, file) {
      const result = check(input, approval, rulesOfApproval)
      return 'faults' in result
        ? located(result.faults, 'APPROVAL_INVALID', file)
        : { approval: result.value as Approval }
    },
  }
}

type Unplaced = Omit<Fault, 'code' | 'file'>

/** Faults beyond this are left out: nobody reads them, and a hostile document would make one of every two bytes. */
const MOST_FAULTS = 100

function check(
  input: unknown,
  validate: ValidateFunction,
  more: (document: object) => readonly Unplaced[],
): { readonly value: unknown } | { readonly faults: readonly Unplaced[] } {
  const read = typeof input === 'string' ? readJson(input) : { value: input }
  if ('faults' in read) return read
  const current = migrate(read.value)
  if ('misfit' in current) return { faults: [current.misfit] }
  const { document: value, back } = current
  const errors: readonly ErrorObject[] = validate(value) ? [] : (validate.errors ?? [])
  const own = typeof value === 'object' && value !== null ? more(value) : []
  if (errors.length === 0 && own.length === 0) return { value }
  const ownPlaces = new Set(own.map(({ pointer }) => pointer))
  // Where both speak about one place, the own check knows what the text was meant to be.
  const explained = errors
    .slice(0, MOST_FAULTS)
    .flatMap(explainSchemaError)
    .filter(({ pointer }) => !ownPlaces.has(pointer))
  const faults = [...explained, ...own].slice(0, MOST_FAULTS)
  return { faults: distinct(faults.map((fault) => ({ ...fault, pointer: back(fault.pointer) }))) }
}

function rulesOfPolicy(document: object): readonly Unplaced[] {
  const packages: unknown = Reflect.get(document, 'packages')
  return [
    ...rulesAt(Reflect.get(document, 'grant'), '/grant'),
    ...(typeof packages === 'object' && packages !== null ? Object.entries(packages) : []).flatMap(
      ([name, rules]: [string, unknown]) => rulesAt(rules, `/packages${pointerToken(name)}`),
    ),
  ]
}

function presetsOf(document: object, presets: Presets): readonly Unplaced[] {
  const names: unknown = Reflect.get(document, 'extends')
  if (!Array.isArray(names)) return [] // a wrong type is the schema's
  const request = { policyVersion: 1, grant: {}, extends: names as readonly string[] } as const
  const index = unknownPreset(request, presets)
  if (index === -1) return []
  const name = String(names[index])
  const known = Object.keys(presets).toSorted()
  return [
    {
      pointer: `/extends/${index}`,
      message: `there is no preset '${name.slice(0, 80)}'`,
      remedy: suggest(name, known),
    },
  ]
}

function rulesOfApproval(document: object): readonly Unplaced[] {
  const additions: unknown = Reflect.get(document, 'add')
  const asked: unknown = Reflect.get(document, 'asked')
  return [
    ...(typeof asked === 'object' && asked !== null ? rulesOfPolicy(asked) : []).map((fault) => ({
      ...fault,
      pointer: `/asked${fault.pointer}`,
    })),
    ...rulesAt(Reflect.get(document, 'narrow'), '/narrow'),
    ...(Array.isArray(additions) ? additions : []).flatMap((addition: unknown, index) => {
      if (typeof addition !== 'object' || addition === null) return []
      return [
        ...rulesAt(Reflect.get(addition, 'grant'), `/add/${index}/grant`),
        ...dateAt(Reflect.get(addition, 'expires'), `/add/${index}/expires`),
      ]
    }),
  ]
}

function rulesAt(rules: unknown, base: string): readonly Unplaced[] {
  if (typeof rules !== 'object' || rules === null) return []
  // checkRules looks at every value before it uses it, so an unchecked object may go in.
  return checkRules(rules as GrantRules).map(({ pointer, fault, remedy }) => ({
    pointer: base + pointer,
    message: fault,
    remedy,
  }))
}

/** The form is the schema's; here a date has to be in the calendar. */
function dateAt(value: unknown, pointer: string): readonly Unplaced[] {
  if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(value)) return []
  const time = Date.parse(`${value}T00:00:00Z`)
  if (!Number.isNaN(time) && new Date(time).toISOString().startsWith(value)) return []
  return [
    { pointer, message: `'${value}' is no day of the calendar`, remedy: 'write a real date as YYYY-MM-DD' },
  ]
}

function located(
  faults: readonly Unplaced[],
  code: Fault['code'],
  file: string,
): { readonly faults: readonly Fault[] } {
  return { faults: faults.map((fault) => ({ code, file, ...fault })) }
}

function distinct(faults: readonly Unplaced[]): readonly Unplaced[] {
  const seen = new Set<string>()
  return faults.filter(({ pointer, message }) => {
    const key = `${pointer} ${message}`
    return seen.has(key) ? false : seen.add(key)
  })
}
