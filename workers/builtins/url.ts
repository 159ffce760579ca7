/** What `url` of Node has and the userland copy lacks: the WHATWG part, and file URLs. */
import type { Module } from './module.js'

export function addUrl(url: Module, punycode: Module): Module {
  url['URL'] ??= URL
  url['URLSearchParams'] ??= URLSearchParams
  url['fileURLToPath'] ??= fileURLToPath
  url['pathToFileURL'] ??= pathToFileURL
  url['urlToHttpOptions'] ??= urlToHttpOptions
  url['domainToASCII'] ??= (domain: unknown) => hostOf(String(domain))
  url['domainToUnicode'] ??= (domain: unknown) =>
    (punycode['toUnicode'] as (name: string) => string)(hostOf(String(domain)))
  url['fileURLToPathBuffer'] ??= (address: unknown) => Buffer.from(fileURLToPath(address))
  return url
}

function fileURLToPath(address: unknown): string {
  const { protocol, host, pathname } = new URL(String(address))
  if (protocol !== 'file:') throw coded('ERR_INVALID_URL_SCHEME', 'The URL must be of scheme file')
  if (host !== '') throw coded('ERR_INVALID_FILE_URL_HOST', 'File URL host must be "localhost" or empty')
  if (/%2f/i.test(pathname))
    throw coded('ERR_INVALID_FILE_URL_PATH', 'File URL path must not include encoded / characters')
  return decodeURIComponent(pathname)
}

function pathToFileURL(path: unknown): URL {
  const text = String(path)
  const absolute = text.startsWith('/') ? text : `/plugin/${text}`
  return new URL(`file://${encodeURI(absolute).replaceAll('?', '%3F').replaceAll('#', '%23')}`)
}

export function urlToHttpOptions(url: URL): Module {
  const { protocol, hostname, hash, search, pathname, href, port, username, password } = url
  const host = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname
  const options: Module = {
    protocol,
    hostname: host,
    hash,
    search,
    pathname,
    path: `${pathname}${search}`,
    href,
  }
  if (port !== '') options['port'] = Number(port)
  if (username !== '' || password !== '') {
    options['auth'] = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  }
  return options
}

function hostOf(domain: string): string {
  try {
    return new URL(`http://${domain}`).hostname
  } catch {
    return ''
  }
}

function coded(code: string, message: string): TypeError {
  return Object.assign(new TypeError(message), { code })
}
