/**
 * The one way trusted code makes an error for a plugin: an ordinary error of the
 * realm with a `code`, as Node's own have, and nothing else on it.
 */

/** An error with `code`; `Kind` is the class a program expects from the API that refuses. */
export function refusal(code: string, message: string, Kind: new (message: string) => Error = Error): Error {
  const error = new Kind(message)
  Object.defineProperty(error, 'code', { value: code, writable: true, enumerable: true, configurable: true })
  return error
}
