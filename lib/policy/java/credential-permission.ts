/**
 * `javax.security.auth.PrivateCredentialPermission` of JDK 17: reading the private
 * credentials of one class from subjects that have all the named owners.
 */
import { foldCase } from './fold-case.js'
import { invalidPermission } from './invalid-permission.js'
import type { JavaPermissionText } from './policy.js'

export interface CredentialPermission {
  /** `*` is every class. */
  readonly credential: string
  readonly owners: readonly CredentialOwner[]
}

/** Principal class and name; granted, a name `*` is any name, and with it the class may be `*` too. */
interface CredentialOwner {
  readonly class: string
  readonly name: string
}

/** @throws PluginError `JAVA_PERMISSION_INVALID` for other actions than read and for an unreadable target */
export function readCredentialPermission(text: JavaPermissionText): CredentialPermission {
  if (foldCase(text.actions ?? '') !== 'read') {
    throw invalidPermission(text, 'the only action is read', "write 'read'")
  }
  const unreadable = invalidPermission(
    text,
    'the target is not a class and its owners',
    'write a credential class, then for each owner its class and its name in quotes',
  )
  // Each space is a token of its own: the JDK takes one between the parts, and a second as the next part.
  const [credential, ...rest] = (text.target ?? '').split(/( )/).filter((token) => token !== '')
  if (credential === undefined || rest.length === 0) throw unreadable
  const owners: CredentialOwner[] = []
  let at = 0
  while (at < rest.length) {
    const owner = rest[at + 1]
    const first = at + 3
    if (owner === undefined || rest[first]?.startsWith('"') !== true) throw unreadable
    let end = first
    while (end < rest.length && rest[end]?.endsWith('"') === false) end += 1
    const quoted = rest.slice(first, end + 1).join('')
    if (end === rest.length || quoted.length === 1) throw unreadable
    const name = quoted.slice(1, -1)
    if (owner === '*' && name !== '*') throw unreadable
    owners.push({ class: owner, name })
    at = end + 1
  }
  return { credential, owners }
}

export function credentialPermissionCovers(
  granted: CredentialPermission,
  asked: CredentialPermission,
): boolean {
  if (granted.credential !== '*' && granted.credential !== asked.credential) return false
  const classes = new Set(asked.owners.map((owner) => owner.class))
  const owners = new Set(asked.owners.map(ownerKey))
  return granted.owners.every((owner) => {
    if (owner.class === '*') return true
    return owner.name === '*' ? classes.has(owner.class) : owners.has(ownerKey(owner))
  })
}

/** No two owners share a key: a class is one space, or has none. */
function ownerKey(owner: CredentialOwner): string {
  return `${owner.class} ${owner.name}`
}
