/** Errors that the API itself makes, as Node documents them. */

export function netError(
  code: string,
  message: string,
  Kind: new (message: string) => Error = Error,
): Error & { readonly code: string } {
  return Object.assign(new Kind(message), { code })
}

export function wrongType(name: string, expected: string): Error {
  return netError('ERR_INVALID_ARG_TYPE', `The "${name}" argument must be ${expected}`, TypeError)
}

/** A port as a number; texts of digits are ports too. @throws RangeError `ERR_SOCKET_BAD_PORT` */
export function portIn(value: unknown, name: string): number {
  const isText = typeof value === 'string' && value.trim() !== ''
  const port = isText || typeof value === 'number' ? Number(value) : Number.NaN
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port
  const shown = typeof value === 'string' || typeof value === 'number' ? value : typeof value
  throw netError('ERR_SOCKET_BAD_PORT', `${name} should be >= 0 and < 65536. Received ${shown}.`, RangeError)
}
