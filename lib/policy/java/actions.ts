/**
 * Reads the action lists of permissions that have actions: known words, ignoring
 * ASCII case, with commas between. Which words, and what none means, is each class's own.
 */
import { invalidPermission } from './invalid-permission.js'
import type { JavaPermissionText } from './policy.js'
import { trimAction } from './trim.js'

/**
 * The actions in the order of `words`, each once.
 * @param words - the class's actions in lower case, in the JDK's canonical order
 * @param leadingComma - PropertyPermission and ServicePermission take `,read`; the others refuse it
 * @throws PluginError `JAVA_PERMISSION_INVALID` for none at all, an empty one or an unknown one
 */
export function readActions<Word extends string>(
  text: JavaPermissionText,
  words: readonly Word[],
  leadingComma = false,
): readonly Word[] {
  const remedy = `write some of ${words.join(', ')}, with commas between`
  if (text.actions === null || text.actions === '')
    throw invalidPermission(text, 'actions are missing', remedy)
  const parts = text.actions.split(',')
  const written = leadingComma && parts.length > 1 && parts[0] === '' ? parts.slice(1) : parts
  const found = new Set<string>()
  for (const part of written) {
    const action = asciiLower(trimAction(part))
    if (!(words as readonly string[]).includes(action)) {
      throw invalidPermission(text, `'${part.slice(0, 80)}' is no action of this class`, remedy)
    }
    found.add(action)
  }
  return words.filter((word) => found.has(word))
}

/** Whether every asked action is among the granted ones. */
export function actionsCover(granted: readonly string[], asked: readonly string[]): boolean {
  return asked.every((action) => granted.includes(action))
}

/** Only A to Z: the Kelvin sign is no k for the JDK here, as it is for `toLowerCase`. */
function asciiLower(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
}
