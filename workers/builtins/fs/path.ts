/** A path argument as the string that `files` takes: read once, here, so that one text is decided and used. */
import { argumentError } from './argument-error.js'

type Bytes = { readonly length: number } & Uint8Array

export function pathOf(value: unknown, name = 'path'): string {
  if (typeof value === 'string') return value
  if (value instanceof URL) return fromUrl(value)
  if (ArrayBuffer.isView(value)) return textOfBytes(value as Bytes)
  throw argumentError(`The "${name}" argument must be of type string or an instance of Buffer or URL`)
}

/** Names of files are UTF-8 here; other bytes would name another file. */
function textOfBytes(bytes: Bytes): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw argumentError('A path in a Buffer must be UTF-8', 'ERR_INVALID_ARG_VALUE')
  }
}

function fromUrl(url: URL): string {
  const { protocol, host, pathname } = new URL(url.href)
  if (protocol !== 'file:') throw argumentError('The URL must be of scheme file', 'ERR_INVALID_URL_SCHEME')
  if (host !== '') throw argumentError('File URL host must be empty', 'ERR_INVALID_FILE_URL_HOST')
  if (/%2f/i.test(pathname))
    throw argumentError('File URL path must not include encoded / characters', 'ERR_INVALID_FILE_URL_PATH')
  return decodeURIComponent(pathname)
}
