/** Rules about addresses that are not public: metadata services, loopback, private networks. */
import type { EndpointFact } from '../endpoint-fact.js'
import type { Facts } from '../facts.js'
import type { Hit } from '../finding.js'
import { isInside, readNetwork, type NetworkText } from '../network.js'

/** AWS, Google, Azure and others; AWS over IPv6; Alibaba; Azure's wire server. */
const METADATA: readonly NetworkText[] = [
  '169.254.169.254',
  'fd00:ec2::254',
  '100.100.100.200',
  '168.63.129.16',
].flatMap((address) => readNetwork(address) ?? [])
const METADATA_NAMES: ReadonlySet<string> = new Set(['metadata.google.internal', 'metadata.goog'])
/** Metadata services answer plain HTTP. */
const METADATA_PORT = 80
const PRIVATE: ReadonlySet<string> = new Set(['private', 'uniqueLocal', 'carrierGradeNat', 'linkLocal'])

export function metadataAddresses({ endpoints }: Facts): readonly Hit[] {
  return endpoints.filter(reachesMetadata).map(({ place, shown }) => ({
    code: 'metadata-address',
    place,
    message: `${shown} reaches the metadata service of the cloud, which hands out the credentials of the machine`,
    fix: 'remove it, and give the plugin its own credentials in a setting',
  }))
}

export function loopbackAddresses({ endpoints }: Facts): readonly Hit[] {
  return endpoints.filter(isForeign).flatMap((endpoint): readonly Hit[] => {
    const { host, access, place, shown } = endpoint
    if (!isLoopback(host) || access === 'listen') return []
    return [
      {
        code: 'loopback-address',
        place,
        message: `${shown} connects to the machine the node runs on`,
        fix: 'remove it, or let the operator add the one port that is meant in the approval',
      },
    ]
  })
}

export function privateAddresses({ endpoints }: Facts): readonly Hit[] {
  return endpoints.filter(isForeign).flatMap((endpoint): readonly Hit[] => {
    const { host, place, shown } = endpoint
    if (host.kind === 'name' || !PRIVATE.has(host.range) || reachesMetadata(endpoint)) return []
    return host.single
      ? [
          {
            code: 'private-address',
            place,
            message: `${shown} is a private address, another machine at each site`,
            fix: 'take it out of the policy; the operator of the site adds it in the approval',
          },
        ]
      : [
          {
            code: 'private-network',
            place,
            message: `${shown} is a whole private network`,
            fix: 'name the one address and port that is meant, best in the approval of the site',
          },
        ]
  })
}

export function isLoopback(host: EndpointFact['host']): boolean {
  return host.kind === 'name' ? host.labels.at(-1) === 'localhost' : host.range === 'loopback'
}

/** An operator knows the own network and has said why; a plugin cannot know it. */
function isForeign({ owner }: EndpointFact): boolean {
  return owner !== 'addition'
}

function reachesMetadata({ host, from, to, access }: EndpointFact): boolean {
  if (access === 'listen' || from > METADATA_PORT || to < METADATA_PORT) return false
  if (host.kind === 'network')
    return METADATA.some((address) => {
      // Azure's stands in public space: whoever grants all of that is told so by any-host.
      const amongAll = address.range === 'unicast' && host.range === 'mixed'
      return isInside(address, host) && host.opens(address) && !amongAll
    })
  return METADATA_NAMES.has(host.labels.join('.'))
}
