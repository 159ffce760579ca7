/**
 * The host decides again: what a plugin thread registers is only what it says. It must
 * be what plugin.json names, if that names anything, and what the grant allows.
 */
import type { AuditTrail } from './audit/trail.js'
import type { Descriptor } from './descriptor/descriptor.js'
import { PluginError } from './errors.js'
import { checkRoutes } from './extensions/rest.js'
import { decide } from './policy/decide.js'
import type { Grant } from './policy/grant.js'
import { compilePattern, readPoint } from './policy/match.js'
import type { Registrations } from './protocol/plugin-api.js'

/** @throws PluginError `PLUGIN_START_FAILED`, `ACCESS_DENIED` */
export function checkRegistrations(
  descriptor: Descriptor,
  registrations: Registrations,
  grant: Grant,
  audit: Pick<AuditTrail, 'decided'>,
): void {
  const { rest, ingest } = registrations
  checkRoutes(descriptor.name, rest)
  const points = [...rest.map(({ path }) => `rest:${path}`), ...ingest.map((type) => `ingest:${type}`)]
  checkProvided(descriptor, points)
  for (const point of points) {
    const answer = decide(grant, { kind: 'extensionPoint', point })
    audit.decided('extensionPoint', point, answer)
    if (answer.allowed) continue
    throw new PluginError('ACCESS_DENIED', {
      plugin: descriptor.name,
      extensionPoint: point,
      rule: answer.rule,
      remedy: `add "${point}" to grant.extensionPoints of its policy.json, and approve it`,
    })
  }
}

/** A plugin that says what it provides provides nothing else; one that says nothing is held to its grant alone. */
function checkProvided({ name, provides }: Descriptor, points: readonly string[]): void {
  if (provides.length === 0) return
  const patterns = provides.map((text) => compilePattern('point', text))
  for (const point of points) {
    const target = readPoint(point)
    if (target !== undefined && patterns.some((pattern) => pattern.matches(target))) continue
    throw new PluginError('PLUGIN_START_FAILED', {
      plugin: name,
      message: `it registers ${point}, which "provides" of its plugin.json does not name`,
    })
  }
}
