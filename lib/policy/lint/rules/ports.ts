/** Rules about ports. */
import type { Facts } from '../facts.js'
import type { Hit } from '../finding.js'
import { isLoopback } from './addresses.js'

/** From so many ports on, a range is no service any more; the registered and the ephemeral ports are wider each. */
const MANY_PORTS = 16_384

export function allPorts({ endpoints }: Facts): readonly Hit[] {
  return endpoints.flatMap(({ host, from, to, place, shown, access, line }): readonly Hit[] => {
    if (access === 'listen' || to - from < MANY_PORTS) return []
    // A lookup has no port; and where any host is meant, the port is the smaller question.
    if (line !== null && (!line.actions.includes('connect') || line.target.startsWith('*'))) return []
    if (isLoopback(host)) return [] // that is told, and the port with it
    const message = `${shown} opens ${to - from >= 65_534 ? 'every port' : `${to - from + 1} ports`} of the host`
    return [{ code: 'all-ports', place, message, fix: 'write the port of the service, like :443' }]
  })
}
