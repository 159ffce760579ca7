/**
 * The facts `os` is made of: what the language and the platform already show, and
 * numbers that every host of that platform has. Nothing that tells one host from
 * another. The functions around them are the plugin's own (workers/builtins/os.ts).
 */
import { constants, endianness, EOL, type } from 'node:os'
import { getSystemErrorMap } from 'node:util'

export interface OsFacts {
  readonly platform: string
  readonly arch: string
  readonly type: string
  readonly endianness: string
  readonly eol: string
  /** `os.constants`: numbers by group and name. */
  readonly constants: object
  /** Error numbers of the system, their codes and texts. */
  readonly errors: readonly (readonly [errno: number, code: string, text: string])[]
}

/** Call before lockdown; the values are copies. */
export function takeOs(): OsFacts {
  return {
    platform: process.platform,
    arch: process.arch,
    type: type(),
    endianness: endianness(),
    eol: EOL,
    constants: JSON.parse(JSON.stringify(constants)) as object,
    errors: [...getSystemErrorMap()].map(([errno, [code, text]]) => [errno, code, text] as const),
  }
}
