/** `lookup` and `lookupService`, and the order of addresses that this plugin has set for itself. */
import { callbackOf, fieldsOf, invalidValue, promised, textOf, type Done, type Fields } from './arguments.js'
import { invalidArgument } from '../native-module.js'
import { power } from './power.js'

interface Found {
  readonly address: string
  readonly family: number
}
interface Asked {
  readonly family: number
  readonly all: boolean
  readonly hints: number
  readonly order: string
}

const ORDERS = ['verbatim', 'ipv4first', 'ipv6first']
const FAMILIES: readonly unknown[] = [0, 4, 6]
let defaultOrder = 'verbatim'

export function getDefaultResultOrder(): string {
  return defaultOrder
}

export function setDefaultResultOrder(order: unknown): void {
  defaultOrder = orderOf(order, 'dnsOrder')
}

function orderOf(order: unknown, name: string): string {
  if (typeof order === 'string' && ORDERS.includes(order)) return order
  throw invalidValue(name, order, `must be one of: ${ORDERS.map((one) => `'${one}'`).join(', ')}`)
}

/** @param toAscii - international names as DNS has them */
export function makeLookup(toAscii: (name: string) => string): {
  lookup(hostname: unknown, options: unknown, callback?: unknown): void
  lookupPromise(hostname: unknown, options?: unknown): Promise<unknown>
} {
  const ask = (hostname: unknown, asked: Asked, done: Done): void => {
    if (!hostname)
      return queueMicrotask(() =>
        done(null, asked.all ? [] : [{ address: null, family: asked.family === 6 ? 6 : 4 }]),
      )
    const name = textOf(hostname, 'hostname')
    const family = power.addressFamily(name)
    if (family !== 0) return queueMicrotask(() => done(null, [{ address: name, family }]))
    const { all: _, ...rest } = asked
    power.lookup(toAscii(name), rest, done)
  }
  return {
    lookup(hostname, options, given) {
      const callback = callbackOf(typeof options === 'function' ? options : given)
      const asked = askedOf(typeof options === 'function' ? undefined : options)
      ask(hostname, asked, (error, value) => {
        if (error !== null) return callback(error)
        const [first] = value as readonly Found[]
        if (asked.all) callback(null, value)
        else callback(null, first?.address, first?.family)
      })
    },
    async lookupPromise(hostname, options) {
      const asked = askedOf(options)
      const found = (await promised((done) => ask(hostname, asked, done))) as readonly Found[]
      return asked.all ? found : found[0]
    },
  }
}

function askedOf(options: unknown): Asked {
  const given: Fields =
    typeof options === 'number' ? { family: options } : options === null ? {} : fieldsOf(options)
  const { all, family, hints = 0, order, verbatim } = given
  if (all !== undefined && typeof all !== 'boolean') throw invalidArgument('options.all', 'of type boolean')
  if (verbatim !== undefined && typeof verbatim !== 'boolean')
    throw invalidArgument('options.verbatim', 'of type boolean')
  if (typeof hints !== 'number') throw invalidArgument('options.hints', 'of type number')
  const { ADDRCONFIG, ALL, V4MAPPED } = power.hints
  if ((hints & ~(ADDRCONFIG | ALL | V4MAPPED)) !== 0) throw invalidValue('hints', hints, 'is invalid')
  const chosen = order === undefined ? undefined : orderOf(order, 'options.order')
  return {
    family: familyOf(family),
    all: all === true,
    hints,
    order: chosen ?? (verbatim === undefined ? defaultOrder : verbatim ? 'verbatim' : 'ipv4first'),
  }
}

function familyOf(family: unknown): number {
  if (family === undefined || family === null) return 0
  const number = family === 'IPv4' ? 4 : family === 'IPv6' ? 6 : family
  if (FAMILIES.includes(number)) return number as number
  throw invalidValue('family', family, 'must be one of: 0, 4, 6')
}

export function lookupService(address: unknown, port: unknown, callback: unknown): void {
  const done = callbackOf(callback)
  askService(address, port, (error, value) => {
    if (error !== null) return done(error)
    const { hostname, service } = value as { readonly hostname: string; readonly service: string }
    done(null, hostname, service)
  })
}

export async function lookupServicePromise(address: unknown, port: unknown): Promise<unknown> {
  return promised((done) => askService(address, port, done))
}

function askService(address: unknown, port: unknown, done: Done): void {
  if (power.addressFamily(textOf(address, 'address')) === 0)
    throw invalidValue('address', address, 'is invalid')
  const number = typeof port === 'string' && port.trim() !== '' ? Number(port) : port
  if (typeof number !== 'number' || !Number.isInteger(number) || number < 0 || number > 65_535) {
    const message = `Port should be >= 0 and < 65536. Received ${typeof port}`
    throw Object.assign(new RangeError(message), { code: 'ERR_SOCKET_BAD_PORT' })
  }
  power.lookupService(address, number, done)
}
