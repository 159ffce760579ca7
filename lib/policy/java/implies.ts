/**
 * What `granted.implies(asked)` says on JDK 17 (Linux, no name service), both made
 * from class, target and actions as a policy writes them. Each family of permission
 * classes has a file of its own; here is which class belongs to which.
 */
import {
  BASIC_PERMISSIONS,
  basicPermissionCovers,
  readBasicPermission,
  type BasicPermissionRule,
} from './basic-permission.js'
import { cardPermissionCovers, readCardPermission } from './card-permission.js'
import { credentialPermissionCovers, readCredentialPermission } from './credential-permission.js'
import { filePermissionCovers, readFilePermission } from './file-permission.js'
import {
  delegationPermissionCovers,
  readDelegationPermission,
  readServicePermission,
  servicePermissionCovers,
} from './kerberos-permission.js'
import { mbeanServerPermissionCovers, readMBeanServerPermission } from './mbean-server-permission.js'
import type { JavaPermissionText } from './policy.js'
import { propertyPermissionCovers, readPropertyPermission } from './property-permission.js'
import { readSocketPermission, socketPermissionCovers } from './socket-permission.js'
import { readUrlPermission, urlPermissionCovers } from './url-permission.js'

/**
 * Whether the granted permission covers the asked one. Different classes never meet, except
 * that `AllPermission` covers every one. A class that is not in the table here is to us what
 * it is to a JDK that cannot load it: an unresolved permission, which takes any target and
 * actions and covers nothing, not even itself.
 * @throws PluginError `JAVA_PERMISSION_INVALID` where the JDK's constructor refuses either one
 */
export function implies(granted: JavaPermissionText, asked: JavaPermissionText): boolean {
  const family = FAMILIES.get(granted.class) ?? UNRESOLVED
  if (granted.class === asked.class) return family.covers(granted, asked)
  family.check(granted)
  FAMILIES.get(asked.class)?.check(asked)
  return granted.class === ALL_PERMISSION
}

interface Family {
  /** @throws PluginError `JAVA_PERMISSION_INVALID` */
  readonly check: (text: JavaPermissionText) => unknown
  /** Of two permissions of one class. @throws PluginError `JAVA_PERMISSION_INVALID` */
  readonly covers: (granted: JavaPermissionText, asked: JavaPermissionText) => boolean
}

function family<Permission>(
  read: (text: JavaPermissionText) => Permission,
  covers: (granted: Permission, asked: Permission) => boolean,
): Family {
  return { check: read, covers: (granted, asked) => covers(read(granted), read(asked)) }
}

function basicFamily(rule: BasicPermissionRule): Family {
  return family((text) => readBasicPermission(text, rule), basicPermissionCovers)
}

const ALL_PERMISSION = 'java.security.AllPermission'
const ALL: Family = { check: () => undefined, covers: () => true }
const UNRESOLVED: Family = { check: () => undefined, covers: () => false }

const FAMILIES: ReadonlyMap<string, Family> = new Map([
  [ALL_PERMISSION, ALL],
  ['java.io.FilePermission', family(readFilePermission, filePermissionCovers)],
  ['java.net.SocketPermission', family(readSocketPermission, socketPermissionCovers)],
  ['java.net.URLPermission', family(readUrlPermission, urlPermissionCovers)],
  ['java.util.PropertyPermission', family(readPropertyPermission, propertyPermissionCovers)],
  ['javax.management.MBeanServerPermission', family(readMBeanServerPermission, mbeanServerPermissionCovers)],
  [
    'javax.security.auth.PrivateCredentialPermission',
    family(readCredentialPermission, credentialPermissionCovers),
  ],
  [
    'javax.security.auth.kerberos.DelegationPermission',
    family(readDelegationPermission, delegationPermissionCovers),
  ],
  ['javax.security.auth.kerberos.ServicePermission', family(readServicePermission, servicePermissionCovers)],
  ['javax.smartcardio.CardPermission', family(readCardPermission, cardPermissionCovers)],
  ...[...BASIC_PERMISSIONS].map(([name, rule]): [string, Family] => [name, basicFamily(rule)]),
])
