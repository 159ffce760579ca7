/**
 * JCE jurisdiction files (`default_local.policy` and its like) limit the strength of
 * cryptography. They look like a security policy, but numbers and `*` may follow the
 * name of a permission, and no security policy reads them.
 */
import type { JavaPermission } from './policy.js'
import { at, refuse, type Reading } from './reading.js'

/** Before the `;` of a permission: refuses the other grammar by name; what both could be is told only. */
export function meetJurisdiction(reading: Reading, { class: name, line, column }: JavaPermission): void {
  if (!name.startsWith('javax.crypto.')) return
  if (name !== 'javax.crypto.CryptoPermission' && name !== 'javax.crypto.CryptoAllPermission') return
  const remedy = 'leave the file out: Node has no such limits'
  if (!at(reading, ';'))
    refuse(reading, "';'", remedy, 'this is a JCE jurisdiction file, which is no security policy')
  reading.diagnostics.push({
    severity: 'warning',
    line,
    column,
    message: `${name} belongs to a JCE jurisdiction file, which is no security policy`,
    jdk: 'reads it, and it permits nothing in a security policy',
    opensearch3: 'reads it, and it permits nothing in a security policy',
    remedy,
  })
}
