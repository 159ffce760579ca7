/** Callbacks of the plugin, taken once and called as `undefined` with plain values. */
import { wrongType } from '../arguments.js'
import type { ServerEvents, SocketEvents } from './net.js'

/** Runs a function of the plugin; what it throws is reported, and after a stop nothing runs. */
export type Deliver = (callback: (...values: never[]) => void, ...values: readonly unknown[]) => void

/** @param isStopped - whether the plugin was stopped */
export function makeDeliver(isStopped: () => boolean, onUncaught: (error: unknown) => void): Deliver {
  return (callback, ...values) => {
    if (isStopped()) return
    try {
      Reflect.apply(callback, undefined, values)
    } catch (error) {
      onUncaught(error)
    }
  }
}

const OF_SOCKET: readonly (keyof SocketEvents)[] = [
  'lookup',
  'attempt',
  'attemptFailed',
  'connect',
  'data',
  'end',
  'written',
  'finish',
  'error',
  'close',
]
const OF_SERVER: readonly (keyof ServerEvents)[] = ['listening', 'connection', 'drop', 'error', 'close']

export const socketEvents = (given: unknown): SocketEvents => functionsOf<SocketEvents>(given, OF_SOCKET)
export const serverEvents = (given: unknown): ServerEvents => functionsOf<ServerEvents>(given, OF_SERVER)

function functionsOf<T>(given: unknown, names: readonly (string & keyof T)[]): T {
  if (typeof given !== 'object' || given === null) throw wrongType('events', 'an object')
  const taken = names.map((name) => {
    const value: unknown = Reflect.get(given, name)
    if (typeof value !== 'function') throw wrongType(`events.${name}`, 'a function')
    return [name, value] as const
  })
  return Object.fromEntries(taken) as T
}
