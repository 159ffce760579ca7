/**
 * Java properties that stand in a target: those that mean the same on every machine
 * are put in, the others are left for a person.
 */
import type { JavaPermissionTable } from './permission-table.js'

/** `${file.separator}` and the like become their values; the rest stays as it is. */
export function fillProperties(text: string, { properties }: JavaPermissionTable): string {
  return text.replace(/\$\{([^{}]+)\}/g, (whole, name: string) =>
    Object.hasOwn(properties, name) ? (properties[name]?.value ?? whole) : whole,
  )
}

/** The first property that is left: its name, or `''` where it cannot be read. */
export function leftProperty(text: string | null): string | undefined {
  const start = text?.indexOf('${') ?? -1
  if (text === null || start === -1) return undefined
  return /^\$\{+([^{}]+)\}/.exec(text.slice(start))?.[1] ?? ''
}
