/**
 * `java.net.SocketPermission` as net.connect and net.listen. A name stays a name and an
 * address an address: where Java also looks names up, the rules are narrower.
 *
 * Java asks for listening on `localhost:port` whatever the address, and then for accepting
 * each peer. Ours has no say about peers, so an address is granted only where Java lets
 * every peer in that can reach it: on loopback, those of the same address.
 */
import { checkPattern } from '../check-pattern.js'
import type { JavaPermissionText } from './policy.js'
import { byHand, verdictOf, type Parts, type RuleText, type Verdict } from './report.js'
import {
  readSocketPermission,
  socketPermissionCovers,
  type SocketHost,
  type SocketPermission,
} from './socket-permission.js'

const MAX_PORT = 65_535
const SOCKET = 'java.net.SocketPermission'
/** As patterns, any name and any public address. */
const ANY_HOST: readonly string[] = ['**', '0.0.0.0/0', '[::/0]']
const PRIVATE_BY_HAND = 'the networks that the plugin needs, like net.connect "10.0.0.0/8:443"'

const ALL_PORTS: SocketPermission['ports'] = { from: 0, to: MAX_PORT }
/** What Java asks before it listens on any address. */
const LISTENING = readSocketPermission({ class: SOCKET, target: 'localhost:0', actions: 'listen' })

/** Where a plugin may listen, and what Java asks before it lets in all who reach it there. */
const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'].map((host) => ({
  host,
  peers: readSocketPermission({ class: SOCKET, target: `${host}:1-${MAX_PORT}`, actions: 'accept' }),
}))

/** The rules that reach as far as the language has words without naming private networks. */
export const ANY_SOCKET: readonly RuleText[] = [
  ...ANY_HOST.map((host) => ({ capability: 'net.connect' as const, pattern: `${host}:1-${MAX_PORT}` })),
  ...LOOPBACK.map(({ host }) => ({ capability: 'net.listen' as const, pattern: `${host}:0-${MAX_PORT}` })),
]

/** Who may be accepted as a peer. */
export interface Peers {
  /** Loopback hosts from which everybody may. */
  readonly loopback: readonly string[]
  /** Whether anybody may who is on another machine. */
  readonly elsewhere: boolean
}

/** @param permissions - all that hold in one place */
export function peersOf(permissions: readonly SocketPermission[]): Peers {
  const accepting = permissions.filter(({ actions }) => actions.includes('accept'))
  return {
    loopback: LOOPBACK.filter(({ peers }) => accepting.some((one) => socketPermissionCovers(one, peers))).map(
      ({ host }) => host,
    ),
    elsewhere: accepting.some(({ host }) => !isLoopback(host)),
  }
}

/**
 * @param peers - of all that hold wherever this permission does, itself included
 * @throws PluginError `JAVA_PERMISSION_INVALID` where the JDK's constructor refuses
 */
export function socketRules(text: JavaPermissionText, peers: Peers): Verdict {
  const permission = readSocketPermission(text)
  const { actions } = permission
  const connect = actions.includes('connect') ? connectTo(permission) : NOTHING
  const listen = actions.includes('listen') ? listenOn(permission, peers) : NOTHING
  const suggestions = [connect, listen].flatMap(({ suggestion }) => (suggestion === null ? [] : [suggestion]))
  return verdictOf({
    rules: [...connect.rules, ...listen.rules],
    lost: [...connect.lost, ...listen.lost],
    idle: [
      ...listen.idle,
      ...(actions.includes('accept') && !actions.includes('listen')
        ? ['whoever reaches an address that a plugin listens on may connect, so accepting needs no rule']
        : []),
      ...(actions.length === 1
        ? ['names are looked up when connecting, which needs no rule of its own']
        : []),
    ],
    suggestion: suggestions.length > 0 ? suggestions.join('; ') : null,
  })
}

const NOTHING: Parts = { rules: [], lost: [], idle: [], suggestion: null }

function connectTo({ host, ports }: SocketPermission): Parts {
  const range = portsText(Math.max(ports.from, 1), ports.to)
  if (range === undefined) return { ...NOTHING, lost: ['no connection goes to port 0'] }
  const patterns = patternsOf(host).map((one) => `${one}:${range}`)
  const unfit = patterns.map((one) => checkPattern('net.connect', one)).find((one) => one !== undefined)
  if (unfit !== undefined) {
    return { ...NOTHING, lost: [`no pattern spells this host: ${unfit.fault}`], suggestion: unfit.remedy }
  }
  const rules = patterns.map((pattern) => ({ capability: 'net.connect', pattern }) as const)
  if (host.kind === 'any') {
    return {
      ...NOTHING,
      rules,
      lost: ['loopback, private and other special networks have to be named'],
      suggestion: PRIVATE_BY_HAND,
    }
  }
  return { ...NOTHING, rules }
}

function patternsOf(host: SocketHost): readonly string[] {
  switch (host.kind) {
    case 'any':
      return ANY_HOST
    case 'domain':
      return [`*.**${host.suffix}`] // a name below the domain, at any depth, and not the domain itself
    case 'address':
    case 'name':
      return oneHost(host)
  }
}

/** For Java `localhost` and 127.0.0.1 are one host, so either grants both. */
function oneHost(host: Extract<SocketHost, { kind: 'address' | 'name' }>): readonly string[] {
  const text = host.kind === 'name' ? asciiLower(host.name) : host.address
  if (text === 'localhost' || text === '127.0.0.1') return ['localhost', '127.0.0.1']
  return [host.kind === 'address' && text.includes(':') ? `[${shorten(text)}]` : text]
}

function listenOn(permission: SocketPermission, { loopback, elsewhere }: Peers): Parts {
  const range = portsText(permission.ports.from, permission.ports.to)
  if (!socketPermissionCovers({ ...permission, ports: ALL_PORTS }, LISTENING)) {
    return { ...NOTHING, idle: ["Java asks for listening on 'localhost' only, so it means nothing here"] }
  }
  if (range === undefined) return { ...NOTHING, lost: ['it names no port that exists'] }
  if (loopback.length === 0) {
    return {
      ...NOTHING,
      lost: ['whoever reaches the address may connect, and Java does not let it accept all of them'],
      suggestion: byHand('net.listen', [`127.0.0.1:${range}`]),
    }
  }
  return {
    ...NOTHING,
    rules: loopback.map((host) => ({ capability: 'net.listen', pattern: `${host}:${range}` }) as const),
    lost: elsewhere ? ['an address that other machines reach has to be named'] : [],
    suggestion: elsewhere
      ? `the address to listen on, like ${byHand('net.listen', [`192.0.2.1:${range}`])}`
      : null,
  }
}

function isLoopback(host: SocketHost): boolean {
  return LOOPBACK.some(({ peers }) => socketPermissionCovers(peers, { ...peers, host }))
}

/** `443` or `9200-9300`, without ports that do not exist; `undefined` when none is left. */
function portsText(from: number, to: number): string | undefined {
  const last = Math.min(to, MAX_PORT)
  if (from < 0 || from > last) return undefined
  return from === last ? String(from) : `${from}-${last}`
}

/** Other letters stay, and are refused: some become ASCII when lowered. */
function asciiLower(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
}

/** Eight groups as people write them: the first run of zeros as `::`. */
function shorten(address: string): string {
  return address.replace(/(?:^|:)0(?::0)+(?:$|:)/, '::')
}
