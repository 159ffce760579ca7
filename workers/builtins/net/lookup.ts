/** The `lookup` option: a program's own resolver. What it may lead to is decided where the connection is. */
import { isIP } from './is-ip.js'
import { netError } from './errors.js'
import type { Options } from './options.js'
import { defaults } from './defaults.js'

export type Lookup = (
  host: string,
  options: object,
  callback: (...values: readonly unknown[]) => void,
) => unknown

export interface Found {
  readonly address: string
  readonly family: number
}

/** `dns.ADDRCONFIG` on Linux and macOS. */
const ADDRCONFIG = 32

/** Asks once; it may answer in either of its two forms. */
export function lookedUp(
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
