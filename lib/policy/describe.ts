/**
 * What a request asks for, as sentences a person can weigh: one a rule, each with the
 * risk of granting it. Used where somebody is asked for consent and where two requests
 * are compared, so that both speak of a rule in the same words.
 */
import { CAPABILITIES, patternsOf, type Capability } from './capability.js'
import { DEFAULT_LIMITS, type GrantRules, type Limits, type PolicyRequest } from './document.js'
import { reachOf, splitEndpoint } from './reach.js'
import { isGuarded, isSecretName, keyFileIn } from './secrets.js'

/** 'high': reaches beyond the plugin's own business; 'low': what most plugins need. */
export type Risk = 'high' | 'medium' | 'low'
export const RISKS: readonly Risk[] = ['high', 'medium', 'low']

export interface Ask {
  readonly risk: Risk
  readonly capability: Capability | 'limits'
  /** The npm package that asks, or `null` for the whole plugin. */
  readonly package: string | null
  /** The pattern as written, or `key=value` of a limit. */
  readonly pattern: string
  /** Begins with a verb, ends without a stop: `read everything below /etc`. */
  readonly text: string
}

/** Every rule of the request, and each limit above its default; the riskiest first, then in the order of the document. */
export function describeRequest(request: PolicyRequest): readonly Ask[] {
  const asks = [
    ...asksIn(request.grant, null),
    ...Object.entries(request.packages ?? {}).flatMap(([name, rules]) => asksIn(rules, name)),
    ...limitAsks(request.limits ?? {}),
  ]
  return RISKS.flatMap((risk) => asks.filter((ask) => ask.risk === risk))
}

/** One rule as a sentence. */
export function describePattern(capability: Capability, pattern: string): Pick<Ask, 'risk' | 'text'> {
  switch (capability) {
    case 'fs.read':
      return { risk: readRisk(pattern), text: `read ${filesIn(pattern)}` }
    case 'fs.write':
      return {
        risk: within(pattern, '${plugin.data}') ? 'low' : 'high',
        text: `create, change and remove ${filesIn(pattern)}`,
      }
    case 'net.connect':
      return connect(pattern)
    case 'net.listen':
      return listen(pattern)
    case 'env':
      return {
        risk: isSecretName(pattern) ? 'high' : 'medium',
        text: `read the environment variable ${pattern}${isSecretName(pattern) ? SECRET : ''}`,
      }
    case 'settings':
      return {
        risk: isSecretName(pattern) ? 'high' : startsOpen(pattern, '.') ? 'medium' : 'low',
        text: `read the node's settings ${pattern} and below${isSecretName(pattern) ? SECRET : ''}`,
      }
    case 'clusterState.read':
      return {
        risk: startsOpen(pattern, '.') ? 'medium' : 'low',
        text: pattern === '**' ? 'see the whole cluster state' : `see ${pattern} of the cluster state`,
      }
    case 'extensionPoints':
      return extensionPoint(pattern)
    case 'plugins.call':
      return { risk: 'medium', text: `call the plugin ${pattern}` }
  }
}

/** Whether the first part leaves open whose it is: `s*` is not only `s3`. */
function startsOpen(pattern: string, separator: string): boolean {
  return pattern.split(separator, 1)[0]?.includes('*') === true
}

const SECRET = ', which looks like a secret'

function asksIn(rules: GrantRules, name: string | null): readonly Ask[] {
  return CAPABILITIES.flatMap((capability) =>
    (patternsOf(rules, capability) ?? []).map((pattern) => {
      const { risk, text } = describePattern(capability, pattern)
      return {
        risk,
        capability,
        package: name,
        pattern,
        text: name === null ? text : `${text} (${name} only)`,
      }
    }),
  )
}

function limitAsks(limits: Partial<Limits>): readonly Ask[] {
  const keys = Object.keys(DEFAULT_LIMITS) as (keyof Limits)[]
  return keys.flatMap((key) => {
    const value = limits[key]
    if (value === undefined || value <= DEFAULT_LIMITS[key]) return []
    return [
      {
        risk: value > 4 * DEFAULT_LIMITS[key] ? ('medium' as const) : ('low' as const),
        capability: 'limits' as const,
        package: null,
        pattern: `${key}=${value}`,
        text: limitText(key, value, DEFAULT_LIMITS[key], 'the default'),
      },
    ]
  })
}

/** @param than - whose `before` is */
export function limitText(key: keyof Limits, value: number, before: number, than: string): string {
  return `take ${value > before ? 'more' : 'less'} than ${than} of ${key}: ${value} instead of ${before}`
}

/** Such as Java's `/-` becomes; without the directory `/` itself it is no less. */
const EVERY_FILE: readonly string[] = ['/**', '/*/**']

function filesIn(pattern: string): string {
  if (EVERY_FILE.includes(pattern)) return 'every file of this machine'
  if (pattern === '/*') return 'what lies directly in /'
  const own = OWN.find(({ name }) => within(pattern, name))
  const named = own === undefined ? pattern : pattern.replace(own.name, own.text)
  if (/^[^*]*\/\*\/\*\*$/.test(pattern)) return `everything in ${named.slice(0, -'/*/**'.length)} and below`
  if (/^[^*]*\/\*\*$/.test(pattern)) return `${named.slice(0, -'/**'.length)} and everything below`
  if (/^[^*]*\/\*$/.test(pattern)) return `what lies directly in ${named.slice(0, -'/*'.length)}`
  return pattern.includes('*') ? `what is named like ${named}` : named
}

const OWN: readonly { readonly name: string; readonly text: string }[] = [
  { name: '${plugin.home}', text: 'its own directory' },
  { name: '${plugin.data}', text: 'its data directory' },
]

function within(pattern: string, directory: string): boolean {
  return pattern === directory || pattern.startsWith(`${directory}/`)
}

function readRisk(pattern: string): Risk {
  if (OWN.some(({ name }) => within(pattern, name))) return 'low'
  const segments = pattern.split('/').slice(1)
  const [top = '', second = ''] = segments
  // A wildcard in the first two segments means whole trees of the machine.
  const wide = segments.slice(0, 2).some((segment) => segment.includes('*'))
  const foreign = top === 'dev' || (top === 'proc' && /^(?:\d+|self|thread-self)$/.test(second))
  const secret = keyFileIn(segments) !== undefined || isGuarded(segments)
  return wide || foreign || secret ? 'high' : 'medium'
}

function connect(pattern: string): Pick<Ask, 'risk' | 'text'> {
  const reach = reachOf(pattern)
  const { host, ports } = splitEndpoint(pattern)
  const where = WIDE_HOSTS.get(host) ?? host
  const why = reach === 'inside' ? ', on this machine or a private network' : ''
  return {
    risk: reach === 'named' ? 'medium' : 'high',
    text: `connect to ${where} on ${portText(ports)}${why}`,
  }
}

function listen(pattern: string): Pick<Ask, 'risk' | 'text'> {
  const { host, ports } = splitEndpoint(pattern)
  const local = reachOf(pattern) === 'inside' && /^(?:127\.|::1$|localhost$|\[?::1)/.test(host)
  return {
    risk: local ? 'medium' : 'high',
    text: `accept connections on ${host}, ${ports === '0' ? 'a free port' : portText(ports)}${local ? '' : ', from outside this machine'}`,
  }
}

const WIDE_HOSTS: ReadonlyMap<string, string> = new Map([
  ['**', 'any named host'],
  ['0.0.0.0/0', 'any public IPv4 address'],
  ['::/0', 'any public IPv6 address'],
])

function portText(ports: string): string {
  if (ports === '1-65535' || ports === '0-65535') return 'any port'
  return ports.includes('-') ? `ports ${ports}` : `port ${ports}`
}

function extensionPoint(pattern: string): Pick<Ask, 'risk' | 'text'> {
  const [kind = '', rest] = pattern.split(/:(.*)/s)
  if (rest === undefined) {
    const text =
      kind === 'clusterStateListener'
        ? 'be told when the cluster state changes'
        : `provide any ${kind} of the node`
    return { risk: kind === 'rest' ? 'medium' : 'low', text }
  }
  if (kind === 'rest') {
    const all = /^\/(?:\**|\*\/\*\*)$/.test(rest)
    return {
      risk: startsOpen(rest.slice(1), '/') || all ? 'medium' : 'low',
      text: `answer REST requests to ${all ? 'any path' : rest}`,
    }
  }
  if (kind === 'ingest') return { risk: 'low', text: `change documents as the ingest processor ${rest}` }
  return { risk: 'low', text: `provide ${kind} ${rest}` }
}
