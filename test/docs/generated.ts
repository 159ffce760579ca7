/**
 * Parts of the documentation that are made from data: the reference of the policy formats, the presets.
 * A part stands between `<!-- generated: NAME -->` and `<!-- end -->`; `npm run docs` writes them anew,
 * generated.test.ts holds the pages to them.
 */
import { shippedFile, shippedPresets } from '../../lib/shipped-policies.js'
import { CAPABILITIES, patternsOf } from '../../lib/policy/capability.js'

type Schema = { readonly [key: string]: unknown }

/** What stands between the marks, by name. */
export const PARTS: Readonly<Record<string, () => string>> = {
  'policy.json': () => reference(shippedFile('policy.schema.json') as Schema),
  approval: () => reference(shippedFile('approval.schema.json') as Schema),
  presets: presetTable,
}

/** The page with every generated part made anew; a mark with an unknown name is an error. */
export function regenerate(text: string): string {
  return text.replace(
    /^(<!-- generated: (.+) -->\n)[^]*?^(<!-- end -->)$/gm,
    (_all, open: string, name: string, close: string) => {
      const part = Object.hasOwn(PARTS, name) ? PARTS[name] : undefined
      if (part === undefined) throw new Error(`nothing generates "${name}"`)
      return `${open}\n${part().trim()}\n\n${close}`
    },
  )
}

/** Every key of a schema as a row, in the order of the schema; `$ref`s to other keys are followed once. */
function reference(schema: Schema): string {
  const rows: string[] = []
  walk(schema, '', schema, rows)
  return table(['key', 'is', 'meaning', 'example'], rows)
}

function walk(node: Schema, path: string, root: Schema, rows: string[]): void {
  const properties = object(node['properties'])
  for (const [key, value] of Object.entries(properties)) {
    const property = resolved(object(value), root)
    const here = path === '' ? key : `${path}.${key}`
    const example = list(property['examples'])[0]
    rows.push(
      row([
        `\`${here}\``,
        kindOf(property),
        String(property['description']),
        // An object's example is that of its keys.
        example === undefined || Object.keys(object(property['properties'])).length > 0
          ? ''
          : `\`${JSON.stringify(example)}\``,
      ]),
    )
    if (isForeign(object(value))) continue
    walk(property, here, root, rows)
    const items = resolved(object(property['items']), root)
    if (items['type'] === 'object') walk(items, `${here}[]`, root, rows)
    const named = resolved(object(property['additionalProperties']), root)
    if (named['type'] === 'object') walk(named, `${here}.<name>`, root, rows)
  }
}

function isForeign(property: Schema): boolean {
  const ref = property['$ref']
  return typeof ref === 'string' && !ref.startsWith('#')
}

/** The node with what its `$ref` leads to; its own words come first. */
function resolved(node: Schema, root: Schema): Schema {
  const ref = node['$ref']
  if (typeof ref !== 'string' || !ref.startsWith('#/')) return node
  const target = ref
    .slice(2)
    .split('/')
    .reduce<Schema>((at, key) => object(at[key]), root)
  return { ...target, ...node }
}

function kindOf(property: Schema): string {
  const choices = list(property['enum'])
  if (choices.length > 0) return choices.map((choice) => `\`${JSON.stringify(choice)}\``).join(' or ')
  if ('const' in property) return `\`${JSON.stringify(property['const'])}\``
  const { minimum, maximum } = property
  if (typeof minimum === 'number') return `whole number, ${minimum} to ${String(maximum)}`
  if (isForeign(property)) return 'object, as above'
  if (property['type'] === 'array') return 'list'
  return property['type'] === 'string' ? 'text' : 'object'
}

function presetTable(): string {
  const rows = Object.entries(shippedPresets()).map(([name, preset]) => {
    const { $comment } = preset as { readonly $comment?: string }
    const rules = CAPABILITIES.flatMap((capability) => {
      const patterns = patternsOf(preset.grant, capability) ?? []
      return patterns.length === 0 ? [] : [`${capability} ${patterns.map((text) => `\`${text}\``).join(' ')}`]
    })
    return row([`\`${name}\``, $comment ?? '', rules.length === 0 ? 'nothing' : rules.join('; ')])
  })
  return table(['preset', 'for a plugin that', 'grants'], rows)
}

function table(head: readonly string[], rows: readonly string[]): string {
  return [row(head), `|${'---|'.repeat(head.length)}`, ...rows].join('\n')
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}

function object(value: unknown): Schema {
  return typeof value === 'object' && value !== null ? (value as Schema) : {}
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
