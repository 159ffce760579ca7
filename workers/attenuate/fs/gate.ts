/**
 * The decision before each access to a file: the grant answers, a denial is told to
 * the host and thrown as the API's own EACCES. Which path is asked about is settle.ts.
 */
import { decide } from '../../../lib/policy/decide.js'
import type { Grant } from '../../../lib/policy/grant.js'
import { failure, withRule, type Call } from './failure.js'
import type { FilePowers } from './file-powers.js'
import type { Tell } from '../tell.js'
import type { Names } from './names.js'

export type FileKind = 'fs.read' | 'fs.write'

export interface Gate {
  /** @throws Error `EACCES` with the `rule` that decided; the host hears of it */
  pass(kinds: readonly FileKind[], real: string, call: Call): void
  /** The same question, asked without an attempt: nobody hears of it. */
  allows(kind: FileKind, real: string): boolean
  /**
   * Devices, FIFOs and sockets: only where a rule names the very path.
   * @throws as `pass`
   */
  passSpecial(kinds: readonly FileKind[], real: string, call: Call): void
}

export interface GateOptions {
  readonly grant: Grant
  readonly powers: FilePowers
  readonly names: Names
  readonly tell: Tell
}

export function makeGate({ grant, powers, names, tell }: GateOptions): Gate {
  const spelled = spelledOut(grant)
  const refuse = (kind: FileKind, real: string, rule: string, call: Call): never => {
    tell(kind, real, { allowed: false, rule })
    const shown = names.asWritten(rule)
    throw withRule(failure(powers, 'EACCES', call, shown), shown)
  }
  return {
    pass(kinds, real, call) {
      for (const kind of kinds) {
        const answer = decide(grant, { kind, path: real })
        if (!answer.allowed) refuse(kind, real, answer.rule, call)
        tell(kind, real, answer)
      }
    },
    allows: (kind, path) => decide(grant, { kind, path }).allowed,
    passSpecial([kind = 'fs.read'], real, call) {
      if (spelled.has(real)) return
      refuse(kind, real, 'no regular file or directory, and no rule names it without a wildcard', call)
    },
  }
}

/** Every path that a rule spells without a wildcard. */
function spelledOut({ request, add }: Grant): ReadonlySet<string> {
  const rules = [request, ...add.map(({ grant }) => grant)]
  const patterns = rules.flatMap(({ fs }) => [...(fs?.read ?? []), ...(fs?.write ?? [])])
  return new Set(patterns.filter((pattern) => !pattern.includes('*')))
}
