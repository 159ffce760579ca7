/** `BlockList` and `SocketAddress`: plain values of the plugin, for its own use; the grant knows nothing of them. */
import { netError, wrongType } from './errors.js'
import { bytesOfIPv4, bytesOfIPv6, isIP } from './is-ip.js'

interface AddressParts {
  readonly address: string
  readonly family: string
  readonly port: number
  readonly flowlabel: number
}

export class SocketAddress implements AddressParts {
  readonly address: string
  readonly family: string
  readonly port: number
  readonly flowlabel: number

  constructor(options: Partial<AddressParts> = {}) {
    const family = familyIn(options.family ?? 'ipv4')
    const { address = family === 'ipv4' ? '127.0.0.1' : '::', port = 0, flowlabel = 0 } = options
    valueOf(address, family)
    if (!Number.isInteger(port) || port < 0 || port > 65_535) {
      throw netError('ERR_SOCKET_BAD_PORT', 'options.port should be >= 0 and < 65536', RangeError)
    }
    this.address = address
    this.family = family
    this.port = port
    this.flowlabel = family === 'ipv4' ? 0 : flowlabel
  }

  toJSON(): AddressParts {
    const { address, port, family, flowlabel } = this
    return { address, port, family, flowlabel }
  }

  static isSocketAddress(value: unknown): boolean {
    return value instanceof SocketAddress
  }

  /** `1.2.3.4:80` or `[::1]:80`; `undefined` for anything else. */
  static parse(input: unknown): SocketAddress | undefined {
    const [, v6, v4 = '', port = '0'] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(String(input)) ?? []
    const address = v6 ?? v4
    if (isIP(address) === 0 || Number(port) > 65_535) return undefined
    return new SocketAddress({ address, port: Number(port), family: v6 === undefined ? 'ipv4' : 'ipv6' })
  }
}

interface Rule {
  readonly from: bigint
  readonly to: bigint
  readonly text: string
}

export class BlockList {
  readonly #rules: Rule[] = []

  static isBlockList(value: unknown): boolean {
    return typeof value === 'object' && value !== null && #rules in value
  }

  addAddress(address: unknown, family?: unknown): void {
    const one = addressIn(address, family)
    this.#rules.push({ from: one.value, to: one.value, text: `Address: ${one.shown} ${one.address}` })
  }

  addRange(start: unknown, end: unknown, family?: unknown): void {
    const [from, to] = [addressIn(start, family), addressIn(end, family)]
    if (from.value > to.value) {
      throw netError('ERR_INVALID_ARG_VALUE', "The argument 'start' must come before end.", TypeError)
    }
    this.#rules.push({
      from: from.value,
      to: to.value,
      text: `Range: ${from.shown} ${from.address}-${to.address}`,
    })
  }

  addSubnet(net: unknown, prefix: unknown, family?: unknown): void {
    const { value, shown, address, bits } = addressIn(net, family)
    if (typeof prefix !== 'number') throw wrongType('prefix', 'of type number')
    if (!Number.isInteger(prefix) || prefix < 0 || prefix > bits) {
      throw netError('ERR_OUT_OF_RANGE', `The value of "prefix" must be >= 0 and <= ${bits}`, RangeError)
    }
    const size = 1n << BigInt(bits - prefix)
    const from = value - (value % size)
    this.#rules.push({ from, to: from + size - 1n, text: `Subnet: ${shown} ${address}/${prefix}` })
  }

  check(address: unknown, family?: unknown): boolean {
    const text = address instanceof SocketAddress ? address.address : address
    const kind = address instanceof SocketAddress ? address.family : family
    if (isIP(text) === 0) return false
    const { value } = addressIn(text, kind)
    return this.#rules.some(({ from, to }) => from <= value && value <= to)
  }

  get rules(): readonly string[] {
    return this.#rules.map(({ text }) => text).toReversed()
  }

  toJSON(): readonly string[] {
    return this.rules
  }

  fromJSON(given: unknown): void {
    const lines: unknown = typeof given === 'string' ? JSON.parse(given) : given
    if (!Array.isArray(lines)) throw wrongType('data', 'a list of strings')
    for (const line of lines) {
      const [, kind, family, first, second] =
        /^(Address|Range|Subnet): (IPv[46]) ([^-/]+)(?:[-/](.+))?$/.exec(String(line)) ?? []
      if (kind === 'Address') this.addAddress(first, family?.toLowerCase())
      if (kind === 'Range') this.addRange(first, second, family?.toLowerCase())
      if (kind === 'Subnet') this.addSubnet(first, Number(second), family?.toLowerCase())
    }
  }
}

interface Read {
  readonly address: string
  /** Of IPv6; an IPv4 address counts as the mapped one, so that both forms are the same. */
  readonly value: bigint
  readonly shown: string
  readonly bits: number
}

function addressIn(given: unknown, givenFamily: unknown = 'ipv4'): Read {
  const address = given instanceof SocketAddress ? given.address : given
  const family = familyIn(given instanceof SocketAddress ? given.family : givenFamily)
  if (typeof address !== 'string') throw wrongType('address', 'of type string or a SocketAddress')
  const isV4 = family === 'ipv4'
  return {
    address,
    value: valueOf(address, family),
    shown: isV4 ? 'IPv4' : 'IPv6',
    bits: isV4 ? 32 : 128,
  }
}

function familyIn(family: unknown): 'ipv4' | 'ipv6' {
  const name = typeof family === 'string' ? family.toLowerCase() : family
  if (name === 'ipv4' || name === 'ipv6') return name
  throw netError('ERR_INVALID_ARG_VALUE', "The argument 'family' must be 'ipv4' or 'ipv6'", TypeError)
}

const MAPPED = 0xffff_0000_0000n

function valueOf(address: string, family: 'ipv4' | 'ipv6'): bigint {
  const bytes = family === 'ipv4' ? bytesOfIPv4(address) : bytesOfIPv6(address)
  if (bytes === undefined) throw netError('ERR_INVALID_ADDRESS', 'Invalid address', TypeError)
  const value = bytes.reduce((all, byte) => (all << 8n) | BigInt(byte), 0n)
  return family === 'ipv4' ? MAPPED | value : value
}
