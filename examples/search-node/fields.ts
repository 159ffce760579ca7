/**
 * A document seen as fields: nested objects become dotted names, lists become several
 * values, and each field has a mapping type. Pure; the index keeps the values.
 */
import type { Json } from 'bulkhead/plugin'

export type Source = { readonly [field: string]: Json }
export type FieldType = 'text' | 'double' | 'boolean'

/** Every value of a document by its dotted field name; nulls carry nothing. */
export function fieldsOf(source: Source): ReadonlyMap<string, readonly (string | number | boolean)[]> {
  const fields = new Map<string, (string | number | boolean)[]>()
  const walk = (name: string, value: Json | undefined): void => {
    if (value === null || value === undefined) return
    if (isList(value)) {
      for (const item of value) walk(name, item)
    } else if (typeof value === 'object') {
      for (const [key, inner] of Object.entries(value)) walk(name === '' ? key : `${name}.${key}`, inner)
    } else {
      const known = fields.get(name)
      if (known === undefined) fields.set(name, [value])
      else known.push(value)
    }
  }
  walk('', source)
  return fields
}

export function typeOf(value: string | number | boolean): FieldType {
  if (typeof value === 'string') return 'text'
  return typeof value === 'number' ? 'double' : 'boolean'
}

/** Whether a parsed body is a JSON object, which is what a document must be. */
export function isSource(value: unknown): value is Source {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}
