/**
 * Names to addresses, once for each connection and by us: whoever answers could say
 * something else the second time, so what was checked is what is connected to.
 */
import type { WorkLine } from '../work-line.js'
import { fromHost } from './failure.js'
import { readAddress, type Address } from './gate.js'
import type { Family, NetPowers } from './net-powers.js'

/** Rejects with an error for the plugin, such as `ENOTFOUND`. Whether the name may be asked for is decided before. */
export type Resolve = (name: string, family: 0 | Family) => Promise<readonly Address[]>

/** @param line - lookups wait on threads that the whole process shares */
export function makeResolve({ lookup, systemError }: NetPowers, line: WorkLine): Resolve {
  return (name, family) =>
    new Promise((resolve, reject) => {
      line.add((leave) => {
        lookup(name, family).then(
          (texts) => {
            leave()
            // What is no plain address, such as one with a zone, no rule can name.
            resolve(texts.flatMap((text) => readAddress(text) ?? []))
          },
          (error: unknown) => {
            leave()
            reject(fromHost(systemError, error, { syscall: 'getaddrinfo', hostname: name }))
          },
        )
      })
    })
}
