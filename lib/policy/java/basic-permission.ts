/**
 * The `BasicPermission` classes of JDK 17: each grants by name pattern only. What they
 * do with actions differs: most ignore them, so `RuntimePermission "*", "setContextClassLoader"`
 * grants every runtime permission.
 */
import { invalidPermission } from './invalid-permission.js'
import { namePatternCovers, readNamePattern, type NamePattern } from './name-pattern.js'
import type { JavaPermissionText } from './policy.js'

export interface BasicPermissionRule {
  /**
   * `ignored`: any actions; `empty`: none or `''`; `absent`: none at all, for classes whose
   * constructor takes a name only or refuses even `''`.
   */
  readonly actions: 'ignored' | 'empty' | 'absent'
  /** The only names the class takes; left out, any. */
  readonly names?: readonly string[]
}

const FREE: BasicPermissionRule = { actions: 'ignored' }
const NAME_ONLY: BasicPermissionRule = { actions: 'absent' }

export const BASIC_PERMISSIONS: ReadonlyMap<string, BasicPermissionRule> = new Map<
  string,
  BasicPermissionRule
>([
  ['com.sun.jdi.JDIPermission', { actions: 'empty', names: ['virtualMachineManager'] }],
  ['com.sun.security.jgss.InquireSecContextPermission', NAME_ONLY],
  [
    'com.sun.tools.attach.AttachPermission',
    { actions: 'empty', names: ['attachVirtualMachine', 'createAttachProvider'] },
  ],
  ['java.awt.AWTPermission', FREE],
  ['java.io.SerializablePermission', FREE],
  ['java.lang.RuntimePermission', FREE],
  ['java.lang.management.ManagementPermission', { actions: 'empty', names: ['control', 'monitor'] }],
  ['java.lang.reflect.ReflectPermission', FREE],
  ['java.net.NetPermission', FREE],
  ['java.nio.file.LinkPermission', { actions: 'empty', names: ['hard', 'symbolic'] }],
  ['java.security.SecurityPermission', FREE],
  ['java.sql.SQLPermission', FREE],
  ['java.util.logging.LoggingPermission', { actions: 'empty', names: ['control'] }],
  ['javax.management.MBeanTrustPermission', { actions: 'empty', names: ['*', 'register'] }],
  ['javax.management.remote.SubjectDelegationPermission', NAME_ONLY],
  ['javax.net.ssl.SSLPermission', FREE],
  ['javax.security.auth.AuthPermission', FREE],
  ['javax.sound.sampled.AudioPermission', FREE],
  [
    'jdk.jfr.FlightRecorderPermission',
    { actions: 'absent', names: ['accessFlightRecorder', 'registerEvent'] },
  ],
  ['jdk.net.NetworkPermission', FREE],
  ['jdk.tools.jlink.internal.JlinkPermission', NAME_ONLY],
])

/** @throws PluginError `JAVA_PERMISSION_INVALID` for a name or actions that the class refuses */
export function readBasicPermission(text: JavaPermissionText, rule: BasicPermissionRule): NamePattern {
  const pattern = readNamePattern(text)
  const { target, actions } = text
  if (rule.names !== undefined && !rule.names.includes(target ?? '')) {
    throw invalidPermission(text, 'the class has no such name', `write one of ${rule.names.join(', ')}`)
  }
  if (actions !== null && (rule.actions === 'absent' || (rule.actions === 'empty' && actions !== ''))) {
    throw invalidPermission(text, 'the class takes no actions', 'leave the actions out')
  }
  const older = text.class === 'javax.security.auth.AuthPermission' && target === 'createLoginContext'
  return older ? { kind: 'prefix', name: 'createLoginContext.' } : pattern
}

export { namePatternCovers as basicPermissionCovers }
