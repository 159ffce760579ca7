/** What two plugins of one thread both reach: it must be beyond change, or one could change it under the other. */
import { types } from 'node:util'
import type { Finding } from '../../lib/protocol/authority.js'
import type { HostObjects } from './host-objects.js'
import { isLoose, pathOf, whatIs, type Crawl } from './crawl.js'

export function sharedFindings(one: Crawl, other: Crawl, host: HostObjects): readonly Finding[] {
  const findings: Finding[] = []
  for (const [value, step] of one.met) {
    if (!other.met.has(value)) continue
    if (host.of(value) !== undefined) continue // found already, as what it is
    if (types.isAnyArrayBuffer(value))
      findings.push({ kind: 'shared-memory', path: pathOf(step), what: 'memory that another plugin has too' })
    else if (isLoose(value))
      findings.push({
        kind: 'shared-mutable',
        path: pathOf(step),
        what: `${whatIs(value)} that another plugin has too`,
      })
  }
  return findings
}
