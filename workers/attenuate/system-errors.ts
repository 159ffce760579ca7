/** Numbers and texts of the system's error codes, as Node words them. */
import { getSystemErrorMap } from 'node:util'

/** Number and text of an error code of the system, `ENOENT` and so on. */
export type SystemError = (code: string) => { readonly errno: number; readonly text: string } | undefined

export function takeSystemErrors(): SystemError {
  const errors = new Map(
    [...getSystemErrorMap()].map(([errno, [code, text]]) => [code, { errno, text }] as const),
  )
  return (code) => errors.get(code)
}
