/** Rules about hosts: how many, and whose. */
import type { EndpointFact } from '../endpoint-fact.js'
import type { Facts } from '../facts.js'
import type { Hit } from '../finding.js'

/** Domains below which every customer of a provider gets names of their own. */
const SHARED_DOMAINS: ReadonlySet<string> = new Set([
  'amazonaws.com',
  's3.amazonaws.com',
  'compute.amazonaws.com',
  'cloudfront.net',
  'azurewebsites.net',
  'azureedge.net',
  'windows.net',
  'core.windows.net',
  'blob.core.windows.net',
  'cloudapp.azure.com',
  'appspot.com',
  'run.app',
  'web.app',
  'firebaseapp.com',
  'storage.googleapis.com',
  'r2.cloudflarestorage.com',
  'workers.dev',
  'pages.dev',
  'digitaloceanspaces.com',
  'github.io',
  'gitlab.io',
  'vercel.app',
  'netlify.app',
  'herokuapp.com',
  'fly.dev',
  'onrender.com',
])
/** Second levels that registries sell names below, as they sell them below com. */
const SECOND_LEVELS: ReadonlySet<string> = new Set(
  'co.uk org.uk ac.uk com.au co.nz co.za co.jp ne.jp co.kr co.in com.br com.mx com.cn com.tr com.tw'.split(
    ' ',
  ),
)
/** Networks with fewer bits than this are most of the internet. */
const WIDE_BITS = { ipv4: 8, ipv6: 16 } as const

export function wideHosts({ endpoints }: Facts): readonly Hit[] {
  return endpoints.flatMap((endpoint): readonly Hit[] => {
    const { host, place, shown } = endpoint
    if (host.kind === 'network') {
      if (host.bits >= WIDE_BITS[host.address.kind()] || host.single) return []
      const message = `${shown} is most of the addresses there are`
      return [{ code: 'any-host', place, message, fix: 'name the network that is meant' }]
    }
    return host.labels.every(isWild) ? [anyName(endpoint, host.labels)] : wideName(endpoint, host.labels)
  })
}

function anyName(endpoint: EndpointFact, labels: readonly string[]): Hit {
  const { place, shown, access } = endpoint
  const fix = 'name the hosts the plugin calls, or let the operator narrow it to them in the approval'
  if (!labels.includes('**')) {
    const what = labels.length === 1 ? 'any name without a dot' : `any name of ${labels.length} labels`
    return { code: 'any-host', place, message: `${shown} is ${what}`, fix }
  }
  return access === 'connect' && isWebOnly(endpoint)
    ? { code: 'any-web-host', place, message: `${shown} reaches any host of the web`, fix }
    : { code: 'any-host', place, message: `${shown} is any host`, fix }
}

function wideName({ place, shown }: EndpointFact, labels: readonly string[]): readonly Hit[] {
  const tail = tailOf(labels)
  const before = labels.slice(0, labels.length - tail.length)
  const isSuffix = tail.length === 1 || SECOND_LEVELS.has(tail.join('.'))
  if (before.length === 0 || !before.every(isWild) || !isSuffix || tail[0] === 'localhost') return []
  const message = `${shown} is every host below the domain '${tail.join('.')}'`
  return [
    {
      code: 'wildcard-domain',
      place,
      message,
      fix: 'name the domain of the service, like *.s3.amazonaws.com',
    },
  ]
}

export function sharedDomains({ endpoints }: Facts): readonly Hit[] {
  return endpoints.flatMap(({ host, place, shown }): readonly Hit[] => {
    if (host.kind === 'network' || !isWild(host.labels[0] ?? '')) return []
    const domain = tailOf(host.labels).join('.')
    if (!SHARED_DOMAINS.has(domain)) return []
    const message = `${shown} reaches the hosts of every customer below '${domain}'`
    return [
      { code: 'shared-domain', place, message, fix: 'narrow it in the approval to the names of this site' },
    ]
  })
}

function isWild(label: string): boolean {
  return label === '*' || label === '**'
}

/** The labels behind the last one that has a star in it. */
function tailOf(labels: readonly string[]): readonly string[] {
  return labels.slice(labels.findLastIndex((label) => label.includes('*')) + 1)
}

function isWebOnly({ from, to, line }: EndpointFact): boolean {
  return line === null && from === to && (from === 80 || from === 443)
}
