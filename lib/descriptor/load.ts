/**
 * plugin.json -> Descriptor: the text checked against the schema, then every
 * directory of the plugins directory. All faults of all plugins come back at once,
 * and a broken plugin does not hide a good one. Reading is a power; the order in
 * which plugins start is order.ts.
 */
import { Ajv2020 } from 'ajv/dist/2020.js'
import semver from 'semver'
import { PluginError, type ErrorCode, type Fault } from '../errors.js'
import { pointerToken, readJson } from '../policy/json-text.js'
import type { Descriptor, ParsedDescriptor } from './descriptor.js'
import { explain, shown, type SchemaComplaint } from './explain.js'
import { isExtensionPoint, isPluginPath, isRange, isVersion } from './formats.js'
import { PLUGIN_SCHEMA } from './schema.js'

/** Bytes of a plugin.json; a larger one is not read. */
export const MAX_DESCRIPTOR_BYTES = 65_536

/** What the loader needs of a file system. Links are followed; nothing throws for what is missing. */
export interface DescriptorPowers {
  /** Names in a directory and what each is, links followed; `undefined` when it cannot be read. */
  list(dir: string): Promise<readonly DirectoryEntry[] | undefined>
  /** Text of a regular file; never waits for a pipe or device. */
  readText(path: string, maxBytes: number): Promise<TextRead>
  /** `undefined` when nothing is there. */
  realPath(path: string): Promise<string | undefined>
  join(...parts: readonly string[]): string
}

export interface DirectoryEntry {
  readonly name: string
  readonly kind: 'directory' | 'file' | 'other'
}

export type TextRead =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'missing' | 'irregular' | 'too-large' | 'unreadable' }

/** The shape that the schema has checked. */
interface PluginJson {
  readonly name: string
  readonly version: string
  readonly description: string
  readonly main: string
  readonly searchNode: string
  readonly extendedPlugins?: readonly (string | { readonly name: string; readonly optional?: boolean })[]
  readonly provides?: readonly string[]
}

const check = new Ajv2020({
  allErrors: true,
  verbose: true,
  allowUnionTypes: true,
  strictTypes: false,
  formats: {
    semver: isVersion,
    'semver-range': isRange,
    'plugin-path': isPluginPath,
    'extension-point': isExtensionPoint,
  },
}).compile<PluginJson>(PLUGIN_SCHEMA)

/** @param file - path of the text as the operator knows it; goes into the faults */
export function parseDescriptor(
  text: string,
  file: string,
): { readonly descriptor: ParsedDescriptor } | { readonly faults: readonly Fault[] } {
  const json = readJson(text)
  if ('faults' in json) {
    return {
      faults: json.faults.map(({ pointer, message, remedy }) => invalid(file, pointer, message, remedy)),
    }
  }
  const value = json.value
  if (!check(value)) {
    // The errors hang on the validator and are replaced by its next run: explained here, before anything else.
    return { faults: (check.errors ?? []).map((error) => explain(error as SchemaComplaint, file)) }
  }
  const faults = repeats(value, file)
  return faults.length > 0 ? { faults } : { descriptor: descriptorOf(value) }
}

/**
 * @param pluginsDir - a directory with one subdirectory a plugin, or one plugin's own directory
 * @param nodeVersion - version of the search node
 * @throws PluginError `CONFIG_INVALID` when the directory cannot be read or the version is none
 */
export async function loadDescriptors(
  pluginsDir: string,
  nodeVersion: string,
  powers: DescriptorPowers,
): Promise<{ readonly descriptors: readonly Descriptor[]; readonly faults: readonly Fault[] }> {
  if (semver.valid(nodeVersion) === null) {
    throw new PluginError('CONFIG_INVALID', {
      option: 'nodeVersion',
      value: shown(nodeVersion),
      remedy: 'a version such as 3.2.0',
    })
  }
  const entries = await powers.list(pluginsDir)
  if (entries === undefined) {
    throw new PluginError('CONFIG_INVALID', {
      option: 'pluginsDir',
      value: pluginsDir,
      remedy: 'a directory that exists',
    })
  }
  const dirs = entries.some(({ name }) => name === 'plugin.json')
    ? [pluginsDir]
    : entries
        .filter(({ name, kind }) => kind === 'directory' && !name.startsWith('.'))
        .map(({ name }) => powers.join(pluginsDir, name))
        .sort()
  const loaded = await Promise.all(dirs.map((dir) => loadOne(dir, nodeVersion, powers)))
  const found = loaded.flatMap((one) => ('descriptor' in one ? [one] : []))
  const faults = loaded.flatMap((one) => ('faults' in one ? one.faults : []))
  const double = duplicates(found)
  return {
    descriptors: found.filter((one) => !double.has(one.file)).map(({ descriptor }) => descriptor),
    faults: [...faults, ...double.values()],
  }
}

interface Found {
  readonly descriptor: Descriptor
  readonly file: string
}

async function loadOne(
  dir: string,
  nodeVersion: string,
  powers: DescriptorPowers,
): Promise<Found | { readonly faults: readonly Fault[] }> {
  const file = powers.join(dir, 'plugin.json')
  const read = await powers.readText(file, MAX_DESCRIPTOR_BYTES)
  if (read.kind !== 'text') return { faults: [unread(file, read.kind)] }
  const parsed = parseDescriptor(read.text, file)
  if ('faults' in parsed) return parsed
  const real = await powers.realPath(dir)
  if (real === undefined) return { faults: [unread(file, 'missing')] }
  const descriptor = { ...parsed.descriptor, dir: real }
  const faults = [
    ...versionFaults(descriptor, nodeVersion, file),
    ...(await mainFaults(descriptor, file, powers)),
  ]
  return faults.length > 0 ? { faults } : { descriptor, file }
}

function unread(file: string, kind: Exclude<TextRead['kind'], 'text'>): Fault {
  switch (kind) {
    case 'missing':
      return invalid(
        file,
        '',
        'the directory has no plugin.json',
        'add one, or move the directory out of the plugins directory',
      )
    case 'irregular':
      return invalid(file, '', 'plugin.json is not a regular file', 'put a plain file in its place')
    case 'too-large':
      return invalid(file, '', `plugin.json has more than ${MAX_DESCRIPTOR_BYTES} bytes`, 'make it shorter')
    case 'unreadable':
      return invalid(file, '', 'plugin.json cannot be read', 'let the node’s user read it')
  }
}

function versionFaults(
  { name, searchNode }: Descriptor,
  nodeVersion: string,
  file: string,
): readonly Fault[] {
  if (semver.satisfies(nodeVersion, searchNode, { includePrerelease: true })) return []
  return [
    fault(
      'VERSION_MISMATCH',
      file,
      '/searchNode',
      `${name} was made for search node ${searchNode}, this one is ${nodeVersion}`,
      'install a version of the plugin for this node, or widen the range once it is tested',
    ),
  ]
}

async function mainFaults(
  { main, dir }: Descriptor,
  file: string,
  powers: DescriptorPowers,
): Promise<readonly Fault[]> {
  const real = await powers.realPath(powers.join(dir, main))
  if (real === undefined)
    return [
      invalid(
        file,
        '/main',
        `the file ${shown(main)} does not exist`,
        'build the plugin or name another file',
      ),
    ]
  // Joining puts the platform's own separator behind the directory.
  if (real.startsWith(powers.join(dir, 'x').slice(0, -1))) return []
  return [
    invalid(
      file,
      '/main',
      `${shown(main)} is a link that leaves the plugin directory`,
      'put the file itself there',
    ),
  ]
}

function duplicates(found: readonly Found[]): ReadonlyMap<string, Fault> {
  const faults = new Map<string, Fault>()
  for (const one of found) {
    const name = one.descriptor.name
    const others = found
      .filter((other) => other !== one && other.descriptor.name === name)
      .map(({ file }) => file)
    if (others.length === 0) continue
    const message = `the name ${shown(name)} is also that of ${others.join(', ')}`
    faults.set(one.file, fault('DUPLICATE_PLUGIN', one.file, '/name', message, 'remove all but one'))
  }
  return faults
}

function repeats(json: PluginJson, file: string): readonly Fault[] {
  const names = (json.extendedPlugins ?? []).map(nameOf)
  return [
    ...twice(names, '/extendedPlugins', file),
    ...twice(json.provides ?? [], '/provides', file),
    ...names.flatMap((name, index) =>
      name === json.name
        ? [invalid(file, `/extendedPlugins/${index}`, `${shown(name)} extends itself`, 'remove the entry')]
        : [],
    ),
  ]
}

function twice(values: readonly string[], pointer: string, file: string): readonly Fault[] {
  return values.flatMap((value, index) =>
    values.indexOf(value) === index
      ? []
      : [
          invalid(
            file,
            pointer + pointerToken(String(index)),
            `${shown(value)} stands here twice`,
            'keep one of them',
          ),
        ],
  )
}

function descriptorOf(json: PluginJson): ParsedDescriptor {
  return {
    name: json.name,
    version: json.version,
    description: json.description,
    main: json.main.replace(/^\.\//, ''),
    searchNode: json.searchNode,
    extendedPlugins: (json.extendedPlugins ?? []).map((entry) => ({
      name: nameOf(entry),
      optional: typeof entry === 'string' ? false : (entry.optional ?? false),
    })),
    provides: json.provides ?? [],
  }
}

function nameOf(entry: string | { readonly name: string }): string {
  return typeof entry === 'string' ? entry : entry.name
}

function invalid(file: string, pointer: string, message: string, remedy: string): Fault {
  return fault('DESCRIPTOR_INVALID', file, pointer, message, remedy)
}

function fault(code: ErrorCode, file: string, pointer: string, message: string, remedy: string): Fault {
  return { code, file, pointer, message, remedy }
}
