/** What `querystring` of Node has and the userland copy lacks. */
import type { Module } from './module.js'

export function addQuerystring(querystring: Module): Module {
  querystring['escape'] ??= (text: unknown) =>
    encodeURIComponent(String(text)).replace(/[\uD800-\uDFFF]/g, '')
  querystring['unescapeBuffer'] ??= unescapeBuffer
  querystring['unescape'] ??= unescape
  return querystring
}

function unescape(text: unknown): string {
  try {
    return decodeURIComponent(String(text))
  } catch {
    return unescapeBuffer(text).toString()
  }
}

/** The bytes behind `%xx`; what is no such escape stays as it is. */
function unescapeBuffer(text: unknown): Uint8Array {
  const bytes: number[] = []
  const escaped = /%([\da-fA-F]{2})|[^]/g
  for (const [whole, code] of String(text).matchAll(escaped)) {
    bytes.push(code === undefined ? whole.charCodeAt(0) & 255 : Number.parseInt(code, 16))
  }
  return Buffer.from(bytes)
}
