/**
 * A schema validator's error as a sentence about the document and one about what to
 * write instead. Knows the validator's words and nothing of the policy language.
 */
import { pointerToken } from './json-text.js'
import { suggest } from './suggest.js'

/** The part of a validator's error that is needed here. */
export interface SchemaError {
  readonly instancePath: string
  readonly keyword: string
  readonly params: { readonly [key: string]: unknown }
  readonly message?: string
  readonly schema?: unknown
  readonly parentSchema?: unknown
  readonly data?: unknown
}
export interface Explained {
  readonly pointer: string
  readonly message: string
  readonly remedy: string
}

/** Nothing for errors that only say that another one exists. */
export function explainSchemaError(error: SchemaError): readonly Explained[] {
  const { instancePath: pointer, keyword, params, schema, parentSchema, data } = error
  const hint = describedBy(parentSchema)
  switch (keyword) {
    case 'if':
      return []
    case 'additionalProperties': {
      const key = String(params['additionalProperty'])
      return [
        {
          pointer: pointer + pointerToken(key),
          message: `the key '${key}' is not known`,
          remedy: suggest(key, keysOf(parentSchema)),
        },
      ]
    }
    case 'required': {
      const key = String(params['missingProperty'])
      return [
        {
          pointer,
          message: `the key '${key}' is missing`,
          remedy: `add "${key}"${hintOf(parentSchema, key)}`,
        },
      ]
    }
    case 'type':
      return [
        {
          pointer,
          message: `${show(data)} has the wrong type`,
          remedy: `write ${article(String(schema))}${hint}`,
        },
      ]
    case 'const':
      return [{ pointer, message: `${show(data)} is not known here`, remedy: `write ${show(schema)}${hint}` }]
    case 'enum':
      return [
        { pointer, message: `${show(data)} is not known here`, remedy: `write one of ${listed(schema)}` },
      ]
    case 'minimum':
    case 'maximum':
      return [
        {
          pointer,
          message: `${show(data)} is out of range`,
          remedy: `write a number ${bounds(parentSchema)}${hint}`,
        },
      ]
    case 'minLength':
    case 'pattern':
      return [
        {
          pointer,
          message:
            typeof data === 'string' && data.trim() === ''
              ? 'the text is empty'
              : `${show(data)} has the wrong form`,
          remedy: `write ${exampleOf(parentSchema)}${hint}`,
        },
      ]
    default:
      return [
        { pointer, message: error.message ?? `it breaks the rule '${keyword}'`, remedy: `mend it${hint}` },
      ]
  }
}

function field(schema: unknown, key: string): unknown {
  return typeof schema === 'object' && schema !== null ? Reflect.get(schema, key) : undefined
}

function keysOf(schema: unknown): readonly string[] {
  const properties = field(schema, 'properties')
  return typeof properties === 'object' && properties !== null ? Object.keys(properties) : []
}

function describedBy(schema: unknown): string {
  const description = field(schema, 'description')
  return typeof description === 'string' ? `: ${description}` : ''
}

function hintOf(schema: unknown, key: string): string {
  return describedBy(field(field(schema, 'properties'), key))
}

function exampleOf(schema: unknown): string {
  const examples = field(schema, 'examples')
  return Array.isArray(examples) && examples.length > 0
    ? `something like ${show(examples[0])}`
    : 'something else'
}

function bounds(schema: unknown): string {
  return `from ${String(field(schema, 'minimum'))} to ${String(field(schema, 'maximum'))}`
}

function listed(values: unknown): string {
  return Array.isArray(values) ? values.map(show).join(', ') : show(values)
}

function article(type: string): string {
  return /^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 80 ? `${text.slice(0, 80)}…` : text
}
