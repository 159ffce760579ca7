/** Numbers and texts of the system's error codes, as Node words them. */
import { constants } from 'node:os'
import { getSystemErrorMap } from 'node:util'

/** Number and text of an error code of the system, `ENOENT` and so on. */
export type SystemError = (code: string) => { readonly errno: number; readonly text: string } | undefined

export function takeSystemErrors(): SystemError {
  const errors = new Map(
    [...getSystemErrorMap()].map(([errno, [code, text]]) => [code, { errno, text }] as const),
  )
  // Node has no name for this one, only "Unknown system error -122".
  errors.set('EDQUOT', { errno: -constants.errno.EDQUOT, text: 'disk quota exceeded' })
  return (code) => errors.get(code)
}
