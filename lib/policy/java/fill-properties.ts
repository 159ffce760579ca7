/**
 * Java properties that stand in a target: those that mean the same on every machine
 * are put in, the others are left for a person.
 */
import { findProperty, type JavaPermissionTable } from './permission-table.js'

/**
 * `${file.separator}` and the like become their values, and so do those in `given`; the rest
 * stays as it is. A value is put in as it stands: what it holds is not looked at again.
 */
export function fillProperties(
  text: string,
  table: JavaPermissionTable,
  given: Readonly<Record<string, string>> = {},
): string {
  const valueOf = (name: string): string | undefined =>
    Object.hasOwn(given, name) ? given[name] : findProperty(table, name)?.value
  return text.replace(/\$\{([^{}]+)\}/g, (whole, name: string) => valueOf(name) ?? whole)
}

/** The first property that is left: its name, or `''` where it cannot be read. */
export function leftProperty(text: string | null): string | undefined {
  const start = text?.indexOf('${') ?? -1
  if (text === null || start === -1) return undefined
  return /^\$\{+([^{}]+)\}/.exec(text.slice(start))?.[1] ?? ''
}
