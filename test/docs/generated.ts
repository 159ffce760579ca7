/**
 * Parts of the documentation that are made from data: the reference of the policy formats, the presets.
 * A part stands between `<!-- generated: NAME -->` and `<!-- end -->`; `npm run docs` writes them anew,
 * generated.test.ts holds the pages to them.
 */
import { CHAPTER_NAMES, type AttackCase } from '../../lib/attack/attack-case.js'
import { ATTACKS } from '../../lib/attack/cases/index.js'
import { textOf } from '../../lib/attack/judge.js'
import { LINT_CODES } from '../../lib/policy/lint/lint.js'
import type { Fate, PermissionClass } from '../../lib/policy/java/permission-table.js'
import { ENTITLEMENTS } from '../../lib/policy/entitlement/known.js'
import { shippedFile, shippedPermissionTable, shippedPresets } from '../../lib/shipped-policies.js'
import { CAPABILITIES, patternsOf } from '../../lib/policy/capability.js'

type Schema = { readonly [key: string]: unknown }

/** What stands between the marks, by name. */
export const PARTS: Readonly<Record<string, () => string>> = {
  'policy.json': () => reference(shippedFile('policy.schema.json') as Schema),
  approval: () => reference(shippedFile('approval.schema.json') as Schema),
  presets: presetTable,
  'lint codes': lintTable,
  'java permissions': javaTables,
  'java properties': propertyTable,
  entitlements: entitlementTable,
  attacks: attackTables,
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
  if (typeof minimum === 'number')
    return `${property['type'] === 'number' ? 'number' : 'whole number'}, ${minimum} to ${String(maximum)}`
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

function lintTable(): string {
  const rows = Object.entries(LINT_CODES)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([code, { severity, title, why }]) => row([`\`${code}\``, severity, title, why]))
  return table(['code', 'severity', 'found', 'why'], rows)
}

/** One table a class: its targets, or its examples where the target has to be understood. */
function javaTables(): string {
  const { classes } = shippedPermissionTable()
  return Object.entries(classes)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, entry]) => `### ${name}\n\n${entry.about}\n\n${classTable(entry)}`)
    .join('\n\n')
}

function classTable(entry: PermissionClass): string {
  if ('rule' in entry) {
    const rows = (entry.examples ?? []).map(({ target = '', actions = '', outcome, becomes }) =>
      row([code(target), code(actions), outcome, becomes.map(code).join(', ')]),
    )
    return table(['for example', 'actions', 'outcome', 'becomes'], rows)
  }
  const rows = (entry.targets ?? []).map((one) =>
    'rule' in one
      ? row([code(one.target), 'mapped', 'The variable of that name: `env`.', ''])
      : row([code(one.target), ...fateCells(one)]),
  )
  const rest = (entry.targets ?? []).length === 0 ? 'any target' : 'any other'
  return table(
    ['target', 'outcome', 'why', 'what takes its place'],
    [...rows, row([rest, ...fateCells(entry.otherwise)])],
  )
}

function fateCells({ outcome, reason, suggestion, acceptable = false }: Fate): readonly string[] {
  const accepted = acceptable ? ' Not refused under `--accept-all REASON`.' : ''
  return [outcome.replace('-', ' '), reason + accepted, suggestion ?? '']
}

function propertyTable(): string {
  const { properties } = shippedPermissionTable()
  const rows = Object.entries(properties).map(([name, { value, reason, suggestion }]) =>
    row([code(`\${${name}}`), value === undefined ? '' : code(value), reason, suggestion ?? '']),
  )
  return table(['property', 'put in', 'why', 'what to write'], rows)
}

const RULED: Readonly<Record<'files' | 'connect' | 'listen', readonly [outcome: string, becomes: string]>> = {
  files: ['mapped', '`fs.read`, and with `read_write` `fs.write` too: `/a` becomes `/a/**`.'],
  connect: [
    'mapped in part',
    '`net.connect` to any name and any public address; private networks have to be named.',
  ],
  listen: [
    'mapped in part',
    '`net.listen` on loopback; an address that other machines reach has to be named.',
  ],
}

function entitlementTable(): string {
  const rows = [...ENTITLEMENTS].map(([name, { about, fate }]) =>
    row([code(name), about, ...('rule' in fate ? [...RULED[fate.rule], ''] : fateCells(fate))]),
  )
  return table(
    ['entitlement', 'in Elasticsearch', 'outcome', 'why, or what it becomes', 'what takes its place'],
    rows,
  )
}

function attackTables(): string {
  return CHAPTER_NAMES.map((chapter) => {
    const rows = ATTACKS.filter((attack) => attack.chapter === chapter).map((attack) =>
      row([attack.name, attack.provoke, fatesOf(attack), String(attack.withinMs), attack.by]),
    )
    const head = ['attack', 'provoked by', 'the plugin is', 'within, ms', 'by']
    return `### ${chapter}\n\n${table(head, rows)}`
  }).join('\n\n')
}

function fatesOf({ expect }: AttackCase): string {
  return expect
    .map(textOf)
    .map((text) => text.replace(/[A-Z_]{2,}/, (errorCode) => code(errorCode)))
    .join(', ')
}

function code(text: string): string {
  return text === '' ? '' : `\`${text}\``
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
