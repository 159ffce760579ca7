/** The one conversion of a plugin's argument to a string, as the web's interfaces define it. */

/** Read once: an object could answer `toString` differently the second time. @throws TypeError for a symbol */
export function textOf(value: unknown): string {
  return `${value as string}`
}
