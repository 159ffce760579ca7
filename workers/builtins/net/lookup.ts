/** The `lookup` option: a program's own resolver. What it may lead to is decided where the connection is. */
import type { SocketEvents } from '../../attenuate/net/net.js'
import type { Idle } from './idle.js'
import { isIP } from './is-ip.js'
import { netError } from './errors.js'
import type { Options, Request } from './options.js'
import { defaults } from './defaults.js'
import { power } from './power.js'
import { START, type Socket } from './socket.js'

type AttemptEvents = Pick<SocketEvents, 'lookup' | 'attempt' | 'attemptFailed'>
export type Lookup = (
  host: string,
  options: object,
  callback: (...values: readonly unknown[]) => void,
) => unknown

interface Found {
  readonly address: string
  readonly family: number
}

/** `dns.ADDRCONFIG` on Linux and macOS. */
const ADDRCONFIG = 32

/** What a program is told while addresses are found and tried. */
export function attemptEvents(socket: Socket, idle: Idle): AttemptEvents {
  return {
    lookup: (error, address, family, host) => {
      idle.touch()
      socket.emit('lookup', error, address, family, host)
    },
    attempt: (address, port, family) => void socket.emit('connectionAttempt', address, port, family),
    attemptFailed: (address, port, family, error) => {
      if (error === null) socket.emit('connectionAttemptTimeout', address, port, family)
      else socket.emit('connectionAttemptFailed', address, port, family, error)
    },
  }
}

/** Goes on connecting with what the program's resolver finds. */
export function connectLookedUp(socket: Socket, lookup: Lookup, request: Request, options: Options): void {
  lookedUp(lookup, request.host, options, (error, found) => {
    if (!socket.connecting) return
    if (error !== null) {
      socket.emit('lookup', error, undefined, undefined, request.host)
      socket.destroy(error)
      return
    }
    for (const { address, family } of found) socket.emit('lookup', null, address, family, request.host)
    const addresses = found.map(({ address }) => address)
    if (socket.connecting) socket[START]((events) => power.connect({ ...request, addresses }, events))
  })
}

/** Asks once; it may answer in either of its two forms. */
function lookedUp(
  lookup: Lookup,
  host: string,
  { family, hints: given, autoSelectFamily = defaults.autoSelectFamily }: Options,
  answer: (error: unknown, found: readonly Found[]) => void,
): void {
  let answered = false
  const hints = (given ?? 0) !== 0 || family === 4 || family === 6 ? (given ?? 0) : ADDRCONFIG
  const all = autoSelectFamily !== false
  lookup(host, all ? { family, hints, all } : { family, hints }, (error, result, resultFamily) => {
    if (answered) return
    answered = true
    if (error !== null && error !== undefined) return answer(error, [])
    const found = (
      Array.isArray(result) ? (result as unknown[]) : [{ address: result, family: resultFamily }]
    )
      .map((one) => String((one as { address?: unknown } | null)?.address))
      .map((address) => ({ address, family: isIP(address) }))
    const wrong = found.find((one) => one.family === 0)
    if (found.length > 0 && wrong === undefined) return answer(null, found)
    const shown = wrong?.address ?? 'none'
    answer(netError('ERR_INVALID_IP_ADDRESS', `Invalid IP address: ${shown}`, TypeError), [])
  })
}
