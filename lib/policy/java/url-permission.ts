/** `java.net.URLPermission` of JDK 17: methods and headers at URLs. Pure text, no name is looked up. */
import { invalidPermission } from './invalid-permission.js'
import type { JavaPermissionText } from './policy.js'
import { ANY_URL_HOST, readUrlHost, urlHostCovers, type UrlHost } from './url-host.js'

export interface UrlPermission {
  readonly scheme: string
  readonly host: UrlHost
  /** `/a/-` is everything below `/a/`, `/a/*` what lies right in it; `undefined` in `http:*`. */
  readonly path: string | undefined
  /** Sorted; `*` first is any of them. */
  readonly methods: readonly string[]
  readonly headers: readonly string[]
}

/** @throws PluginError `JAVA_PERMISSION_INVALID` for a URL or actions that the JDK refuses */
export function readUrlPermission(text: JavaPermissionText): UrlPermission {
  return { ...readUrl(text), ...readUrlActions(text) }
}

export function urlPermissionCovers(granted: UrlPermission, asked: UrlPermission): boolean {
  if (!listCovers(granted.methods, asked.methods) || !listCovers(granted.headers, asked.headers)) return false
  if (granted.scheme !== asked.scheme) return false
  if (granted.path === undefined) return true
  return (
    asked.path !== undefined &&
    urlHostCovers(granted.host, asked.host) &&
    pathCovers(granted.path, asked.path)
  )
}

function pathCovers(granted: string, asked: string): boolean {
  const directory = granted.slice(0, -1)
  if (granted.endsWith('/-')) return asked.startsWith(directory)
  if (!granted.endsWith('/*')) return granted === asked
  const name = asked.slice(directory.length)
  return asked.startsWith(directory) && !name.includes('/') && name !== '-'
}

/**
 * The asked ones have to stand in the granted ones without a gap, which is what the JDK
 * checks: `A,B,C` covers `B,C` and not `A,C`. Both are sorted, so there is one place to look.
 */
function listCovers(granted: readonly string[], asked: readonly string[]): boolean {
  const [first] = asked
  if (first === undefined || granted[0] === '*') return true
  const repeats = asked.filter((word) => word === first).length
  const start = granted.lastIndexOf(first) - repeats + 1
  return asked.every((word, index) => granted[start + index] === word)
}

function readUrl(text: JavaPermissionText): Pick<UrlPermission, 'scheme' | 'host' | 'path'> {
  const url = withoutQuery(text.target ?? '')
  const colon = url.indexOf(':')
  const rest = url.slice(colon + 1)
  const unreadable = invalidPermission(
    text,
    'the target is no URL',
    "write it like 'https://example.org/path/-'",
  )
  if (colon === -1) throw unreadable
  const scheme = url.slice(0, colon).toLowerCase()
  if (rest === '*') return { scheme, host: ANY_URL_HOST, path: undefined }
  if (!rest.startsWith('//')) throw unreadable
  const slash = rest.indexOf('/', 2)
  const end = slash === -1 ? rest.length : slash
  const host = readUrlHost(scheme, rest.slice(2, end).toLowerCase())
  if (host === undefined) throw unreadable
  return { scheme, host, path: rest.slice(end) }
}

function withoutQuery(url: string): string {
  const query = url.indexOf('?')
  const end = query === -1 ? url.indexOf('#') : query
  return end === -1 ? url : url.slice(0, end)
}

/** `METHOD,METHOD:Header,Header`; empty words are skipped. */
function readUrlActions(text: JavaPermissionText): Pick<UrlPermission, 'methods' | 'headers'> {
  const [methods, headers = '', ...more] = (text.actions ?? ' ').split(':')
  if (methods === undefined || more.length > 0 || /[ \t]/.test(methods + headers)) {
    throw invalidPermission(
      text,
      'the actions are unreadable',
      "write them like 'GET,HEAD:Accept', without spaces",
    )
  }
  const words = (list: string): readonly string[] => list.split(',').filter((word) => word !== '')
  return {
    methods: words(methods)
      .map((word) => word.replace(/[a-z]/g, upper))
      .toSorted(),
    headers: words(headers)
      .map((word) => word.replace(/(?<=^|-)[a-z]/g, upper))
      .toSorted(),
  }
}

function upper(letter: string): string {
  return letter.toUpperCase()
}
