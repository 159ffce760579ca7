/** The error of an argument that does not fit, as Node's own. */
export function argumentError(message: string, code = 'ERR_INVALID_ARG_TYPE'): TypeError {
  return Object.assign(new TypeError(message), { code })
}
