/**
 * The one error of this folder's permission readers: what the JDK's constructor
 * refuses, said so that the author of the policy can mend the line.
 */
import { PluginError } from '../../errors.js'
import type { JavaPermissionText } from './policy.js'

/**
 * @param message - what is wrong, one sentence
 * @param remedy - what to write instead, one sentence
 */
export function invalidPermission(text: JavaPermissionText, message: string, remedy: string): PluginError {
  const { class: className, target, actions } = text
  return new PluginError('JAVA_PERMISSION_INVALID', { class: className, target, actions, message, remedy })
}
