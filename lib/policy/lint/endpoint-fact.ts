/** Hosts and ports of both languages in one form. */
import { quote, type Place } from './finding.js'
import { readEndpointText, readHostText, type EndpointText } from './endpoint-text.js'
import { SOCKET_PERMISSION, type JavaLine } from './java-line.js'
import { entriesOf, opening, type RuleEntry, type RuleList, type RuleOwner } from './rule-list.js'

export interface EndpointFact extends EndpointText {
  readonly place: Place
  /** As a message names it. */
  readonly shown: string
  /** To look a name up is to connect here: the name travels. */
  readonly access: 'connect' | 'listen'
  /** A Java policy belongs to the plugin. */
  readonly owner: RuleOwner
  /** The line of a Java policy, `null` in a JSON document. */
  readonly line: JavaLine | null
}

export function endpointsOf(lists: readonly RuleList[], lines: readonly JavaLine[]): readonly EndpointFact[] {
  return [
    ...entriesOf(opening(lists), 'net.connect', 'net.listen').flatMap(endpointInJson),
    ...lines.flatMap(endpointInJava),
  ]
}

function endpointInJson({ list, text, place }: RuleEntry): readonly EndpointFact[] {
  const read = readEndpointText(text)
  if (read === undefined) return []
  const access = list.capability === 'net.connect' ? 'connect' : 'listen'
  return [{ ...read, place, shown: quote(text), access, owner: list.owner, line: null }]
}

function endpointInJava(line: JavaLine): readonly EndpointFact[] {
  const { permission, target, actions, place } = line
  if (permission.class !== SOCKET_PERMISSION || permission.target === null) return []
  const split = splitTarget(target)
  if (split === undefined) return []
  // In Java `*` stands for any number of labels, and for addresses too.
  const host = split.host.startsWith('*') ? `*${split.host}` : split.host
  return [
    {
      host: readHostText(host),
      from: split.from,
      to: split.to,
      place,
      shown: `SocketPermission ${quote(permission.target)}`,
      access: actions.includes('connect') || !actions.includes('listen') ? 'connect' : 'listen',
      owner: 'plugin',
      line,
    },
  ]
}

/** `host`, `host:n`, `host:n-`, `host:-n`, `host:n-m`; no port is every port, no host is this one. */
function splitTarget(
  target: string,
): { readonly host: string; readonly from: number; readonly to: number } | undefined {
  const close = target.startsWith('[') ? target.indexOf(']') : -1
  const colon = target.indexOf(':', close + 1)
  const host = (colon === -1 ? target : target.slice(0, colon)).replaceAll(/[[\]]/g, '')
  if (colon === -1) return { host: host === '' ? 'localhost' : host, from: 0, to: MAX_PORT }
  const range = /^(\d{0,5})(-?)(\d{0,5})$/.exec(target.slice(colon + 1))
  if (range === null) return undefined
  const [, low = '', dash = '', high = ''] = range
  const from = low === '' ? 0 : Number(low)
  const to = high === '' ? (dash === '' && low !== '' ? from : MAX_PORT) : Number(high)
  return { host: host === '' ? 'localhost' : host, from, to }
}

const MAX_PORT = 65_535
