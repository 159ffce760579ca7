/**
 * What becomes of each Java permission, as a table: policies/java-permissions.json
 * read and looked up. The table decides about classes and targets that need no
 * understanding; `rule` names the translator for those that do.
 */
import { PluginError } from '../../errors.js'

export interface JavaPermissionTable {
  readonly tableVersion: 1
  /** Java properties that may be left in a target: those with a value are put in, the others explained. */
  readonly properties: Readonly<Record<string, JavaProperty>>
  /** Code that has no counterpart, so that nothing granted to it has one; `*` at the end is any rest. */
  readonly codeBases: readonly { readonly codeBase: string; readonly reason: string }[]
  /** By class name, or a package and `.*` for every class below it. */
  readonly classes: Readonly<Record<string, PermissionClass>>
}

export interface JavaProperty {
  readonly value?: string
  /** One plain sentence: what a line with it means, and why it is not granted. */
  readonly reason: string
  /** Nothing in Node asks for what is named by it. */
  readonly outcome?: 'no-counterpart'
  /** What to write in its place. */
  readonly suggestion?: string
}

export type PermissionClass = RuledClass | ListedClass

interface DescribedClass {
  /** What the class guards in Java, for readers. */
  readonly about: string
  /** For readers; a test holds them against the translator. */
  readonly examples?: readonly PermissionExample[]
}

/** A class whose targets and actions have to be understood. */
interface RuledClass extends DescribedClass {
  readonly rule: 'all' | 'file' | 'socket'
}

export interface ListedClass extends DescribedClass {
  readonly targets?: readonly (PermissionTarget & { readonly target: string })[]
  /** Everything that no target covers. */
  readonly otherwise: Fate
}

/** A fate, or `env`: the rest of the target names an environment variable. */
export type PermissionTarget = Fate | { readonly rule: 'env' }

export interface Fate {
  /** `no-counterpart`: nothing in Node asks for it. `refused`: no plugin gets it, whatever a policy says. */
  readonly outcome: 'no-counterpart' | 'refused'
  /** One plain sentence. */
  readonly reason: string
  /** What takes its place. */
  readonly suggestion?: string
  /** Whether someone has to look at the line. */
  readonly needsPerson?: boolean
  /** Whether somebody may take responsibility for all of it at once (`acceptAll`), although no rule stands for all of it. */
  readonly acceptable?: boolean
}

export interface PermissionExample {
  readonly target?: string
  readonly actions?: string
  readonly outcome: 'mapped' | 'no-counterpart' | 'refused'
  /** `fs.read /etc/os-release`: a capability and a pattern. */
  readonly becomes: readonly string[]
}

/**
 * @param value - the parsed content of a table
 * @throws PluginError `CONFIG_INVALID` with the `option` (a JSON pointer) that is wrong, and a `remedy`
 */
export function readPermissionTable(value: unknown): JavaPermissionTable {
  const table = members(value, '', ['tableVersion', 'properties', 'codeBases', 'classes'])
  if (table['tableVersion'] !== 1) refuse('/tableVersion', 'write 1')
  for (const [name, property] of entries(table['properties'], '/properties')) {
    const place = `/properties/${name}`
    const { outcome } = texts(property, place, ['reason'], ['value', 'suggestion', 'outcome'])
    if (outcome !== undefined && outcome !== 'no-counterpart') {
      refuse(`${place}/outcome`, "write 'no-counterpart', or leave it out")
    }
  }
  items(table['codeBases'], '/codeBases').forEach((item, index) => {
    texts(item, `/codeBases/${index}`, ['codeBase', 'reason'], [])
  })
  for (const [name, one] of entries(table['classes'], '/classes')) checkClass(one, `/classes/${name}`)
  return value as JavaPermissionTable // every part of it was looked at
}

/** The entry for a class: its own name first, then the longest package that holds it. */
export function findClass(table: JavaPermissionTable, className: string): PermissionClass | undefined {
  return longestMatch(Object.entries(table.classes), className)
}

/** The entry for a target, which may end in `*` itself: an exact one first, then the longest that covers it. */
export function findTarget(entry: ListedClass, target: string): PermissionTarget | undefined {
  const targets = entry.targets ?? []
  return longestMatch(
    targets.map((one) => [one.target, one] as const),
    target,
  )
}

/** What is known of a Java property. */
export function findProperty({ properties }: JavaPermissionTable, name: string): JavaProperty | undefined {
  return Object.hasOwn(properties, name) ? properties[name] : undefined
}

/** Why nothing granted to this code has a counterpart; `undefined` when nothing is known of it. */
export function findCodeBase(table: JavaPermissionTable, codeBase: string): string | undefined {
  return longestMatch(
    table.codeBases.map((one) => [one.codeBase, one.reason] as const),
    codeBase,
  )
}

function longestMatch<T>(patterns: readonly (readonly [string, T])[], name: string): T | undefined {
  const exact = patterns.find(([pattern]) => pattern === name)
  if (exact !== undefined) return exact[1]
  const fitting = patterns.filter(
    ([pattern]) => pattern !== '*' && pattern.endsWith('*') && name.startsWith(pattern.slice(0, -1)),
  )
  return fitting.reduce<readonly [string, T] | undefined>(
    (best, one) => (best === undefined || one[0].length > best[0].length ? one : best),
    undefined,
  )?.[1]
}

const OUTCOMES: readonly unknown[] = ['no-counterpart', 'refused']

function checkClass(value: unknown, at: string): void {
  const entry = members(value, at, ['about', 'rule', 'targets', 'otherwise', 'examples'])
  text(entry['about'], `${at}/about`)
  const { rule, targets, otherwise, examples } = entry
  if (rule !== undefined && rule !== 'all' && rule !== 'file' && rule !== 'socket') {
    refuse(`${at}/rule`, "write 'all', 'file' or 'socket'")
  }
  if ((rule === undefined) === (otherwise === undefined) || (rule !== undefined && targets !== undefined)) {
    refuse(at, "write either a 'rule', or 'otherwise' for any target and 'targets' that differ")
  }
  if (otherwise !== undefined) checkFate(otherwise, `${at}/otherwise`, [])
  const seen = new Set<unknown>()
  items(targets ?? [], `${at}/targets`).forEach((item, index) => {
    const place = `${at}/targets/${index}`
    const target = Reflect.get(Object(item), 'target') as unknown
    if (seen.has(target)) refuse(place, 'name each target once')
    seen.add(target)
    text(target, `${place}/target`)
    if (Reflect.get(Object(item), 'rule') === 'env') members(item, place, ['target', 'rule'])
    else checkFate(item, place, ['target'])
  })
  items(examples ?? [], `${at}/examples`).forEach((item, index) => {
    const place = `${at}/examples/${index}`
    const example = members(item, place, ['target', 'actions', 'outcome', 'becomes'])
    for (const key of ['target', 'actions']) {
      if (example[key] !== undefined) text(example[key], `${place}/${key}`)
    }
    if (example['outcome'] !== 'mapped' && !OUTCOMES.includes(example['outcome'])) {
      refuse(`${place}/outcome`, "write 'mapped', 'no-counterpart' or 'refused'")
    }
    items(example['becomes'], `${place}/becomes`).forEach((one) => text(one, `${place}/becomes`))
  })
}

function checkFate(value: unknown, at: string, more: readonly string[]): void {
  const fate = members(value, at, ['outcome', 'reason', 'suggestion', 'needsPerson', 'acceptable', ...more])
  if (!OUTCOMES.includes(fate['outcome'])) refuse(`${at}/outcome`, "write 'no-counterpart' or 'refused'")
  text(fate['reason'], `${at}/reason`)
  if (fate['suggestion'] !== undefined) text(fate['suggestion'], `${at}/suggestion`)
  for (const key of ['needsPerson', 'acceptable']) {
    if (fate[key] !== undefined && typeof fate[key] !== 'boolean') {
      refuse(`${at}/${key}`, 'write true, or leave it out')
    }
  }
}

function texts(
  value: unknown,
  at: string,
  required: readonly string[],
  optional: readonly string[],
): Readonly<Record<string, unknown>> {
  const object = members(value, at, [...required, ...optional])
  for (const key of required) text(object[key], `${at}/${key}`)
  for (const key of optional) if (object[key] !== undefined) text(object[key], `${at}/${key}`)
  return object
}

function members(value: unknown, at: string, known: readonly string[]): Readonly<Record<string, unknown>> {
  const object = Object.fromEntries(entries(value, at))
  const unknown = Object.keys(object).find((key) => !known.includes(key))
  if (unknown !== undefined) refuse(`${at}/${unknown}`, `remove it; known are ${known.join(', ')}`)
  return object
}

function entries(value: unknown, at: string): readonly (readonly [string, unknown])[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) refuse(at, 'write an object')
  return Object.entries(value)
}

function items(value: unknown, at: string): readonly unknown[] {
  if (!Array.isArray(value)) refuse(at, 'write a list')
  return value
}

function text(value: unknown, at: string): void {
  if (typeof value !== 'string' || value.trim() === '') refuse(at, 'write some text')
}

function refuse(option: string, remedy: string): never {
  throw new PluginError('CONFIG_INVALID', { option, remedy })
}
