/** The error numbers of the system as `util` tells them. */
import type { Native } from '../attenuate/native.js'
import type { Module } from './module.js'

export function systemErrors({ os }: Native): Module {
  const all = new Map(os.errors.map(([errno, code, text]) => [errno, [code, text]] as const))
  const of = (errno: unknown): readonly [code: string, text: string] | undefined => {
    if (typeof errno !== 'number')
      throw coded('ERR_INVALID_ARG_TYPE', 'The "err" argument must be a number', TypeError)
    if (errno >= 0 || !Number.isSafeInteger(errno)) {
      throw coded(
        'ERR_OUT_OF_RANGE',
        'The value of "err" is out of range. It must be a negative integer',
        RangeError,
      )
    }
    return all.get(errno) as readonly [string, string] | undefined
  }
  return {
    getSystemErrorMap: () => new Map(all),
    getSystemErrorName: (errno: unknown) => of(errno)?.[0] ?? `Unknown system error ${String(errno)}`,
    getSystemErrorMessage: (errno: unknown) => of(errno)?.[1] ?? `Unknown system error ${String(errno)}`,
  }
}

function coded(code: string, message: string, Kind: new (message: string) => Error): Error {
  return Object.assign(new Kind(message), { code })
}
