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
import { readJson } from './json-text.js'

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
   */
  parsePolicy(
    input: unknown,
    file: string,
  ): { readonly request: PolicyRequest } | { readonly faults: readonly Fault[] }
  parseApproval(
    input: unknown,
    file: string,
  ): { readonly approval: Approval } | { readonly faults: readonly Fault[] }
}

/** Compiles the schemas once; the parser keeps nothing of what it reads. */
export function makePolicyParser(schemas: PolicySchemas): PolicyParser {
  const ajv = new Ajv2020({ allErrors: true, verbose: true, strict: true, allowUnionTypes: true })
  const policy = ajv.compile(schemas.policy)
  const approval = ajv.compile(schemas.approval)
  return {
    parsePolicy(input, file) {
      const result = check(input, policy, rulesOfPolicy)
      return 'faults' in result
        ? located(result.faults, 'POLICY_INVALID', file)
        : { request: result.value as PolicyRequest }
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

function check(
  input: unknown,
  validate: ValidateFunction,
  more: (document: object) => readonly Unplaced[],
): { readonly value: unknown } | { readonly faults: readonly Unplaced[] } {
  const read = typeof input === 'string' ? readJson(input) : { value: input }
  if ('faults' in read) return read
  const { value } = read
  const errors: readonly ErrorObject[] = validate(value) ? [] : (validate.errors ?? [])
  const own = typeof value === 'object' && value !== null ? more(value) : []
  const explained = errors.flatMap(explainSchemaError)
  // Where both speak about one place, the own check knows what the text was meant to be.
  const faults = [
    ...explained.filter(({ pointer }) => !own.some((fault) => fault.pointer === pointer)),
    ...own,
  ]
  return faults.length === 0 ? { value } : { faults: distinct(faults) }
}

function rulesOfPolicy(document: object): readonly Unplaced[] {
  return rulesAt(Reflect.get(document, 'grant'), '/grant')
}

function rulesOfApproval(document: object): readonly Unplaced[] {
  const additions: unknown = Reflect.get(document, 'add')
  return [
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
