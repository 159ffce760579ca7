/**
 * What the string formats of plugin.json's schema mean. Pure; each is a plain
 * predicate, and `uncrossable` knows the extension points that can never be served.
 */
import semver from 'semver'

const MAIN_ENDING = /\.(?:[cm]?[jt]s)$/
const REST_SEGMENT = /^(?:\*\*|\{[A-Za-z_][A-Za-z0-9_]*\}|[A-Za-z0-9._~*-]+)$/
const INGEST_TYPE = /^(?:\*|[A-Za-z0-9][A-Za-z0-9._-]{0,127})$/

/** Points of OpenSearch that would put a plugin on the host's hot path or hand it engine internals. */
const UNCROSSABLE: { readonly [point: string]: string } = {
  engine: 'an engine works inside the node',
  store: 'a store works inside the node',
  transport: 'a transport works inside the node',
  script: 'a script runs once a document',
  scoreFunction: 'a score function runs once a document',
  clusterStateApplier: 'an applier runs on the node’s own state path; use clusterStateListener',
}

export function isVersion(text: string): boolean {
  return semver.valid(text) === text
}

export function isRange(text: string): boolean {
  return text.trim() !== '' && semver.validRange(text) !== null
}

/** A relative path of plain segments that stays where it starts. */
export function isPluginPath(text: string): boolean {
  if (/[\\\0:]/.test(text) || text.startsWith('/') || !MAIN_ENDING.test(text)) return false
  const parts = text.replace(/^\.\//, '').split('/')
  return parts.every((part) => part !== '' && part !== '.' && part !== '..')
}

export function isExtensionPoint(text: string): boolean {
  if (text === 'clusterStateListener') return true
  if (text.startsWith('ingest:')) return INGEST_TYPE.test(text.slice('ingest:'.length))
  if (!text.startsWith('rest:/')) return false
  return text
    .slice('rest:/'.length)
    .split('/')
    .every((part) => part !== '.' && part !== '..' && REST_SEGMENT.test(part))
}

/** Why no plugin can serve this extension point; `undefined` for any other text. */
export function uncrossable(text: string): string | undefined {
  const kind = text.split(':')[0] ?? ''
  return Object.hasOwn(UNCROSSABLE, kind) ? UNCROSSABLE[kind] : undefined
}
