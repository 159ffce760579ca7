/**
 * The files of policies/ as values: schemas, presets, the table of Java permissions. Found by the package's own
 * name, so that source and build read the same files; read when first asked for.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { PolicyRequest } from './policy/document.js'
import { readPermissionTable, type JavaPermissionTable } from './policy/java/permission-table.js'
import { makePolicyParser, type PolicyParser } from './policy/parse.js'
import type { Presets } from './policy/presets.js'

let parser: PolicyParser | undefined
let presets: Presets | undefined
let table: JavaPermissionTable | undefined

/** Reads policies and approvals by the shipped schemas, with the shipped presets. */
export function shippedPolicyParser(): PolicyParser {
  parser ??= makePolicyParser(
    { policy: shippedFile('policy.schema.json'), approval: shippedFile('approval.schema.json') },
    shippedPresets(),
  )
  return parser
}

export function shippedPresets(): Presets {
  presets ??= Object.fromEntries(
    readdirSync(dirname(pathOf('presets/compute-only.json')))
      .filter((name) => name.endsWith('.json'))
      .toSorted()
      .map((name) => [basename(name, '.json'), shippedFile(`presets/${name}`) as PolicyRequest]),
  )
  return presets
}

/** What becomes of each Java permission. */
export function shippedPermissionTable(): JavaPermissionTable {
  table ??= readPermissionTable(shippedFile('java-permissions.json'))
  return table
}

/** @param name - below policies/: `policy.schema.json` */
export function shippedFile(name: string): object {
  return JSON.parse(readFileSync(pathOf(name), 'utf8')) as object
}

/** Version of this package. */
export const shippedVersion: string = (
  JSON.parse(readFileSync(new URL('../package.json', urlOf('default-deny.json')), 'utf8')) as {
    readonly version: string
  }
).version

/** One of them as a file, for whoever has to name a line of it. @param name - below policies/ */
export function shippedText(name: string): { readonly file: string; readonly text: string } {
  const file = pathOf(name)
  return { file, text: readFileSync(file, 'utf8') }
}

function pathOf(name: string): string {
  return fileURLToPath(urlOf(name))
}

function urlOf(name: string): string {
  return import.meta.resolve(`bulkhead/policies/${name}`)
}
