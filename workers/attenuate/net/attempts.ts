/** Tries addresses one after the other until one answers; each was decided before. */
import type { Socket } from 'node:net'
import { fromHost } from './failure.js'
import type { Address } from './gate.js'
import type { ConnectTo, NetPowers } from './net-powers.js'

export interface Attempts {
  readonly powers: NetPowers
  readonly addresses: readonly Address[]
  readonly to: Omit<ConnectTo, 'address' | 'family'>
  /** How long one may take while there is another, milliseconds. */
  readonly timeoutMs: number
  readonly setTimeout: (run: () => void, delayMs: number) => unknown
  readonly clearTimeout: (timer: unknown) => void
  readonly begun: (address: Address) => void
  /** `null`: it took too long. */
  readonly failed: (address: Address, error: Error | null) => void
  /** Takes over the socket, which has no listener but one for errors that does nothing any more. */
  readonly connected: (host: Socket) => void
  /** With the error of the first address. */
  readonly exhausted: (error: Error) => void
}

/** @returns what ends it; nothing is called after that */
export function tryInTurn(attempts: Attempts): () => void {
  const { powers, addresses, to } = attempts
  let first: Error | undefined
  let ended = false
  let end = (): void => undefined

  const next = (index: number): void => {
    const address = addresses[index]
    if (ended) return
    if (address === undefined) return attempts.exhausted(first ?? new Error('no address'))
    const { port } = to
    let over = false
    const fail = (error: Error | null): void => {
      if (over) return
      over = true
      attempts.clearTimeout(timer)
      first ??= error ?? fromHost(powers.systemError, { code: 'ETIMEDOUT' }, callOf(address, port))
      attempts.failed(address, error)
      next(index + 1)
    }
    attempts.begun(address)
    if (ended) return
    let host: Socket
    let timer: unknown
    try {
      host = powers.connect({ ...to, address: address.address, family: address.family })
    } catch (error) {
      return fail(fromHost(powers.systemError, error, callOf(address, port)))
    }
    host.on('error', (error) => fail(fromHost(powers.systemError, error, callOf(address, port))))
    host.on('connect', () => {
      if (over) return
      over = true
      attempts.clearTimeout(timer)
      attempts.connected(host)
    })
    if (index + 1 < addresses.length) {
      timer = attempts.setTimeout(() => {
        fail(null)
        host.destroy()
      }, attempts.timeoutMs)
    }
    end = () => {
      over = true
      attempts.clearTimeout(timer)
      host.destroy()
    }
  }
  next(0)
  return () => {
    ended = true
    end()
  }
}

function callOf({ address }: Address, port: number): { syscall: string; address: string; port: number } {
  return { syscall: 'connect', address, port }
}
