/** Raw fields of a received message to the objects a program reads; duplicates are joined by Node's rules. */

export type Headers = Record<string, string | string[] | undefined>
export type DistinctHeaders = Record<string, string[] | undefined>

/** Of these the first counts and later ones are dropped. */
const SINGLE: ReadonlySet<string> = new Set([
  'age',
  'authorization',
  'content-length',
  'content-type',
  'etag',
  'expires',
  'from',
  'host',
  'if-modified-since',
  'if-unmodified-since',
  'last-modified',
  'location',
  'max-forwards',
  'proxy-authorization',
  'referer',
  'retry-after',
  'server',
  'user-agent',
])

/** @param joinAll - those of which the first counts are joined too (`joinDuplicateHeaders`) */
export function joinedHeaders(raw: readonly string[], joinAll: boolean): Headers {
  const headers: Headers = {}
  for (let at = 0; at < raw.length; at += 2) {
    addHeader(headers, raw[at] as string, raw[at + 1] as string, joinAll)
  }
  return headers
}

export function addHeader(headers: Headers, name: string, value: string, joinAll: boolean): void {
  const key = name.toLowerCase()
  const before = Object.hasOwn(headers, key) ? headers[key] : undefined
  if (key === 'set-cookie') {
    if (Array.isArray(before)) before.push(value)
    else put(headers, key, [value])
  } else if (before === undefined) {
    put(headers, key, value)
  } else if (joinAll || !SINGLE.has(key)) {
    headers[key] = `${String(before)}${key === 'cookie' ? '; ' : ', '}${value}`
  }
}

export function distinctHeaders(raw: readonly string[]): DistinctHeaders {
  const headers = Object.create(null) as DistinctHeaders
  for (let at = 0; at < raw.length; at += 2) {
    const key = (raw[at] as string).toLowerCase()
    const before = headers[key]
    if (before === undefined) headers[key] = [raw[at + 1] as string]
    else before.push(raw[at + 1] as string)
  }
  return headers
}

/** A field called `__proto__` is a field and sets no prototype. */
function put(headers: Headers, key: string, value: string | string[]): void {
  if (key === '__proto__') {
    Object.defineProperty(headers, key, { value, writable: true, enumerable: true, configurable: true })
  } else {
    headers[key] = value
  }
}
