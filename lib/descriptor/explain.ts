/**
 * Turns one complaint of the schema into a Fault that its author can act on. Pure;
 * the validator itself is in load.ts, so its errors arrive as plain facts.
 */
import type { Fault } from '../errors.js'
import { pointerToken } from '../policy/json-text.js'
import { uncrossable } from './formats.js'
import { nearest } from '../policy/suggest.js'

export interface SchemaComplaint {
  readonly keyword: string
  readonly instancePath: string
  readonly params: { readonly [key: string]: unknown }
  /** The schema that complained, and the value it complained of. */
  readonly parentSchema?: { readonly [key: string]: unknown } | undefined
  readonly data?: unknown
  readonly message?: string | undefined
}

export function explain(complaint: SchemaComplaint, file: string): Fault {
  const { instancePath, params } = complaint
  const fault = (pointer: string, message: string, remedy: string): Fault => ({
    code: 'DESCRIPTOR_INVALID',
    file,
    pointer,
    message,
    remedy,
  })
  switch (complaint.keyword) {
    case 'additionalProperties': {
      const key = String(params['additionalProperty'])
      return fault(
        instancePath + pointerToken(key),
        `unknown key ${shown(key)}`,
        knownKeyRemedy(key, complaint),
      )
    }
    case 'required': {
      const key = String(params['missingProperty'])
      return fault(
        instancePath + pointerToken(key),
        `the key ${shown(key)} is missing`,
        remedyFor(propertySchema(complaint, key)),
      )
    }
    case 'type':
      return fault(
        instancePath,
        `${shown(complaint.data)} is ${kindOf(complaint.data)}, not ${kinds(params['type'])}`,
        remedyFor(complaint.parentSchema),
      )
    default: {
      const reason = typeof complaint.data === 'string' ? uncrossable(complaint.data) : undefined
      if (complaint.keyword === 'format' && params['format'] === 'extension-point' && reason !== undefined) {
        return fault(
          instancePath,
          `${shown(complaint.data)} cannot be served by a plugin: ${reason}`,
          'remove it',
        )
      }
      return fault(
        instancePath,
        `${shown(complaint.data)} does not fit: ${expected(complaint)}`,
        remedyFor(complaint.parentSchema),
      )
    }
  }
}

function knownKeyRemedy(key: string, { parentSchema }: SchemaComplaint): string {
  const known = Object.keys((parentSchema?.['properties'] ?? {}) as object)
  const meant = nearest(key, known)
  return meant === undefined
    ? `remove it; known keys are ${known.join(', ')}`
    : `did you mean ${shown(meant)}?`
}

function propertySchema(
  { parentSchema }: SchemaComplaint,
  key: string,
): { readonly [key: string]: unknown } | undefined {
  const properties = (parentSchema?.['properties'] ?? {}) as {
    readonly [key: string]: { readonly [key: string]: unknown }
  }
  return properties[key]
}

function remedyFor(schema: { readonly [key: string]: unknown } | undefined): string {
  const examples = schema?.['examples']
  const example: unknown = Array.isArray(examples) ? examples[0] : undefined
  const said = schema?.['description']
  const description = typeof said === 'string' ? said.replace(/\.$/, '') : 'mend the value'
  return example === undefined ? description : `${description}; for example ${JSON.stringify(example)}`
}

function expected({ keyword, params, message }: SchemaComplaint): string {
  switch (keyword) {
    case 'minLength':
      return `at least ${String(params['limit'])} characters`
    case 'maxLength':
      return `at most ${String(params['limit'])} characters`
    case 'maxItems':
      return `at most ${String(params['limit'])} entries`
    case 'pattern':
      return 'only lower-case words of letters and digits joined by "-" are names'
    case 'format':
      return FORMATS[String(params['format'])] ?? String(params['format'])
    default:
      return message ?? keyword
  }
}

const FORMATS: { readonly [format: string]: string } = {
  semver: 'it is no version of Semantic Versioning',
  'semver-range': 'it is no range of Semantic Versioning',
  'plugin-path': 'it is no path of a JavaScript or TypeScript file inside the plugin directory',
  'extension-point': 'it is no extension point that plugins can serve',
}

/** The author's value, short. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 80 ? `${text.slice(0, 80)}…` : text
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

function kinds(type: unknown): string {
  const names = (Array.isArray(type) ? type : [type]).map((name) => KIND_NAMES[String(name)] ?? String(name))
  return names.join(' or ')
}

const KIND_NAMES: { readonly [type: string]: string } = {
  string: 'a string',
  object: 'an object',
  array: 'a list',
  boolean: 'true or false',
}
