/**
 * An endpoint pattern in parts that can be looked at: labels of a name or a network,
 * and the ports. What it matches is endpoint.ts's word.
 */
import { parseEndpoint } from '../endpoint.js'
import { readNetwork, type NetworkText } from './network.js'

export interface NameText {
  readonly kind: 'name'
  /** Lower case; `*` and `**` as in patterns. */
  readonly labels: readonly string[]
}
export interface EndpointText {
  readonly host: NameText | NetworkText
  /** Lowest and highest port, both included. */
  readonly from: number
  readonly to: number
}

/** `undefined` for a pattern that endpoint.ts would refuse. */
export function readEndpointText(text: string): EndpointText | undefined {
  const parsed = parseEndpoint(text)
  if ('fault' in parsed) return undefined
  const host = text.startsWith('[') ? text.slice(1, text.indexOf(']')) : text.slice(0, text.indexOf(':'))
  return { host: readHostText(host), from: parsed.from, to: parsed.to }
}

export function readHostText(host: string): NameText | NetworkText {
  return readNetwork(host) ?? { kind: 'name', labels: host.toLowerCase().split('.') }
}
