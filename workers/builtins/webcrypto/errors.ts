/** Errors of Web Crypto: DOMExceptions of the plugin's own. */

export function domError(name: string, message: string, cause?: unknown): Error {
  return new DOMException(message, cause === undefined ? name : ({ name, cause } as unknown as string))
}

/** What `work` gives; whatever goes wrong in it is one error, which does not say what (as the standard asks). */
export function operation<T>(work: () => T, name: string = 'OperationError'): T {
  try {
    return work()
  } catch (cause) {
    throw failed(cause, name)
  }
}

export function failed(cause: unknown, name: string = 'OperationError'): Error {
  const message =
    name === 'DataError' ? 'Invalid keyData' : 'The operation failed for an operation-specific reason'
  return domError(name, message, cause)
}
