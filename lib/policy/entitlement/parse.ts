/**
 * Elasticsearch's `entitlement-policy.yaml` as data: which module was given what, each
 * entry with its place. Shapes are held to what Elasticsearch reads, so that a misspelt key
 * never changes what a file means; what an entry means is for translate.ts.
 */
import { showText } from '../java/reading.js'
import { invalid, readYaml, type Place, type YamlNode } from './yaml.js'

export type Entitlement = Place & {
  /** `null` for `ALL-UNNAMED`: all code of a plugin without modules. */
  readonly module: string | null
  /** As the file names it: `outbound_network`. */
  readonly name: string
} & (
    | { readonly kind: 'plain' }
    | { readonly kind: 'file'; readonly file: FileEntitlement }
    | { readonly kind: 'property'; readonly property: string }
  )

/** One file or directory with everything below it. */
export interface FileEntitlement {
  readonly path:
    | { readonly kind: 'absolute'; readonly path: string }
    | { readonly kind: 'relative'; readonly base: string; readonly path: string }
    | { readonly kind: 'setting'; readonly base: string; readonly setting: string }
  readonly mode: 'read' | 'read_write'
  /** `null` for every platform. */
  readonly platform: string | null
  /** Whether no other plugin gets it. */
  readonly exclusive: boolean
}

const EVERYWHERE = 'ALL-UNNAMED'

/**
 * In the order of the file: one for each name in the list of a module, but of `files` one for each file, and
 * of `write_system_properties` one for each property.
 * @throws PluginError `ENTITLEMENT_POLICY_INVALID` with `line`, `column`, `message` and `remedy`
 */
export function parseEntitlements(text: string): readonly Entitlement[] {
  const root = readYaml(text)
  if (root.kind !== 'map') throw invalid(root, 'a map is expected here', "write 'ALL-UNNAMED:' and a list")
  return root.entries.flatMap(({ key, value }) => {
    if (value.kind !== 'list') {
      throw invalid(value, 'a list of entitlements is expected here', "write '- ' before each")
    }
    const module = key === EVERYWHERE ? null : key
    return value.items.flatMap((item) => readEntry(item, module))
  })
}

const NEEDS_PARAMETERS: readonly string[] = ['files', 'write_system_properties']
/** Those that Elasticsearch reads without parameters; whatever else has some may be of another version. */
const WITHOUT_PARAMETERS: readonly string[] = [
  'create_class_loader',
  'inbound_network',
  'load_native_libraries',
  'manage_threads',
  'outbound_network',
  'set_https_connection_properties',
  'write_all_system_properties',
]

function readEntry(item: YamlNode, module: string | null): readonly Entitlement[] {
  const { line, column } = item
  if (item.kind === 'text') {
    if (NEEDS_PARAMETERS.includes(item.text)) {
      throw invalid(item, `${item.text} has no parameters`, `write '${item.text}:' and a list`)
    }
    return [{ kind: 'plain', module, name: item.text, line, column }]
  }
  const entry = item.kind === 'map' && item.entries.length === 1 ? item.entries[0] : undefined
  if (entry === undefined)
    throw invalid(item, 'one entitlement is expected here', "write its name after '- '")
  const { key: name, value } = entry
  if (WITHOUT_PARAMETERS.includes(name)) {
    throw invalid(value, `${name} takes no parameters`, `write '- ${name}'`)
  }
  switch (name) {
    case 'files':
      return itemsOf(value, 'paths').map((one) => ({
        kind: 'file',
        module,
        name,
        file: readFile(one),
        line: one.line,
        column: one.column,
      }))
    case 'write_system_properties':
      return itemsOf(value, 'properties').map((one) => ({
        kind: 'property',
        module,
        name,
        property: textOf(one),
        line: one.line,
        column: one.column,
      }))
    default:
      return [{ kind: 'plain', module, name, line, column }]
  }
}

/** Either the list itself, or a map with the list by its name; one member at least. */
function itemsOf(value: YamlNode, name: string): readonly YamlNode[] {
  const named = value.kind === 'map' && value.entries.length === 1 ? value.entries[0] : undefined
  const list = named?.key === name ? named.value : value
  if (list.kind !== 'list' || list.items.length === 0) {
    throw invalid(list, `a list of ${name} is expected here`, "write '- ' before each")
  }
  return list.items
}

const KEYS = [
  'path',
  'relative_path',
  'relative_to',
  'path_setting',
  'basedir_if_relative',
  'mode',
  'platform',
  'exclusive',
] as const

function readFile(node: YamlNode): FileEntitlement {
  if (node.kind !== 'map') throw invalid(node, 'a file is expected here', "write 'path:' and 'mode:'")
  const unknown = node.entries.find(({ key }) => !KEYS.some((known) => known === key))
  if (unknown !== undefined) {
    throw invalid(
      unknown,
      `'${showText(unknown.key)}' is not known of a file`,
      `known are ${KEYS.join(', ')}`,
    )
  }
  const valueOf = (name: (typeof KEYS)[number]): YamlNode | undefined =>
    node.entries.find(({ key }) => key === name)?.value
  const optional = (name: (typeof KEYS)[number]): string | null => {
    const value = valueOf(name)
    return value === undefined ? null : textOf(value)
  }
  const mode = optional('mode')
  if (mode !== 'read' && mode !== 'read_write') {
    throw invalid(valueOf('mode') ?? node, "the 'mode' is missing or unknown", 'write read or read_write')
  }
  const exclusive = valueOf('exclusive') ?? { kind: 'boolean', value: false }
  if (exclusive.kind !== 'boolean') throw invalid(exclusive, 'it is neither true nor false', 'write true')
  const path = pathOf(optional)
  if (path === undefined) {
    throw invalid(
      node,
      'it does not say which file in one way',
      "write 'path', or 'relative_path' with 'relative_to', or 'path_setting' with 'basedir_if_relative'",
    )
  }
  return { path, mode, platform: optional('platform'), exclusive: exclusive.value }
}

/** `undefined` unless it is said in exactly one way. */
function pathOf(
  optional: (name: (typeof KEYS)[number]) => string | null,
): FileEntitlement['path'] | undefined {
  const path = optional('path')
  const [relative, base] = [optional('relative_path'), optional('relative_to')]
  const [setting, settingBase] = [optional('path_setting'), optional('basedir_if_relative')]
  const ways: readonly FileEntitlement['path'][] = [
    ...(path === null ? [] : [{ kind: 'absolute', path } as const]),
    ...(relative === null || base === null ? [] : [{ kind: 'relative', path: relative, base } as const]),
    ...(setting === null || settingBase === null
      ? []
      : [{ kind: 'setting', setting, base: settingBase } as const]),
  ]
  const halves = (relative === null) !== (base === null) || (setting === null) !== (settingBase === null)
  return halves || ways.length !== 1 ? undefined : ways[0]
}

function textOf(node: YamlNode): string {
  if (node.kind === 'text') return node.text
  throw invalid(node, 'text is expected here', 'write it in quotes')
}
