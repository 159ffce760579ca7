/**
 * Built-ins that packages import at their top and need for something else only: the
 * import succeeds, and each function says that it is refused when it is called.
 */
import type { Module } from './module.js'

/**
 * HTTP/2 is not made. The AWS SDK has a handler for it beside the one for HTTP/1 that it
 * uses unless told otherwise. `constants` has the pseudo-headers, which code reads while it loads.
 */
export function makeHttp2(): Module {
  return {
    ...refusing('http2', ['connect', 'createServer', 'createSecureServer', 'performServerHandshake']),
    constants: {
      HTTP2_HEADER_AUTHORITY: ':authority',
      HTTP2_HEADER_METHOD: ':method',
      HTTP2_HEADER_PATH: ':path',
      HTTP2_HEADER_SCHEME: ':scheme',
      HTTP2_HEADER_STATUS: ':status',
    },
    sensitiveHeaders: Symbol('sensitiveHeaders'),
  }
}

/** A plugin has no terminal. */
export function makeTty(): Module {
  return { ...refusing('tty', ['ReadStream', 'WriteStream']), isatty: () => false }
}

function refusing(module: string, names: readonly string[]): Module {
  return Object.fromEntries(
    names.map((name) => [
      name,
      // Not an arrow: `new tty.WriteStream` has to end in the same words.
      function (): never {
        const message = `${module}.${name} is not available to plugins`
        throw Object.assign(new Error(message), { code: 'ERR_ACCESS_DENIED' })
      },
    ]),
  )
}
