/**
 * The closed list of capabilities: where each stands in GrantRules and what kind
 * of pattern its lists hold. Adding a capability starts here; the compiler then
 * names every switch that has to learn it.
 */
import type { GrantRules } from './document.js'

export const CAPABILITIES = [
  'fs.read',
  'fs.write',
  'net.connect',
  'net.listen',
  'env',
  'settings',
  'clusterState.read',
  'extensionPoints',
  'plugins.call',
] as const
export type Capability = (typeof CAPABILITIES)[number]

export const PATTERN_KINDS: {
  readonly 'fs.read': 'path'
  readonly 'fs.write': 'path'
  readonly 'net.connect': 'endpoint'
  readonly 'net.listen': 'endpoint'
  readonly env: 'name'
  readonly settings: 'dotted'
  readonly 'clusterState.read': 'dotted'
  readonly extensionPoints: 'point'
  readonly 'plugins.call': 'name'
} = {
  'fs.read': 'path',
  'fs.write': 'path',
  'net.connect': 'endpoint',
  'net.listen': 'endpoint',
  env: 'name',
  settings: 'dotted',
  'clusterState.read': 'dotted',
  extensionPoints: 'point',
  'plugins.call': 'name',
}

/** The patterns the rules hold for one capability; `undefined` when the key is left out. */
export function patternsOf(rules: GrantRules, capability: Capability): readonly string[] | undefined {
  switch (capability) {
    case 'fs.read':
      return rules.fs?.read
    case 'fs.write':
      return rules.fs?.write
    case 'net.connect':
      return rules.net?.connect
    case 'net.listen':
      return rules.net?.listen
    case 'env':
      return rules.env
    case 'settings':
      return rules.settings
    case 'clusterState.read':
      return rules.clusterState?.read
    case 'extensionPoints':
      return rules.extensionPoints
    case 'plugins.call':
      return rules.plugins?.call
  }
}

/** GrantRules from one list per capability; `undefined` leaves the key out. */
export function rulesFrom(listOf: (capability: Capability) => readonly string[] | undefined): GrantRules {
  const part = <K extends string>(
    keys: Record<K, Capability>,
  ): { [Key in K]?: readonly string[] } | undefined => {
    const found: { [Key in K]?: readonly string[] } = {}
    for (const key in keys) {
      const list = listOf(keys[key])
      if (list !== undefined) found[key] = list
    }
    return Object.keys(found).length === 0 ? undefined : found
  }
  const fs = part({ read: 'fs.read', write: 'fs.write' })
  const net = part({ connect: 'net.connect', listen: 'net.listen' })
  const clusterState = part({ read: 'clusterState.read' })
  const plugins = part({ call: 'plugins.call' })
  return {
    ...(fs === undefined ? {} : { fs }),
    ...(net === undefined ? {} : { net }),
    ...part({ env: 'env', settings: 'settings', extensionPoints: 'extensionPoints' }),
    ...(clusterState === undefined ? {} : { clusterState }),
    ...(plugins === undefined ? {} : { plugins }),
  }
}

/** Where the capability's list stands below a rules object, as a JSON pointer: `/fs/read`. */
export function pointerOf(capability: Capability): string {
  return `/${capability.replaceAll('.', '/')}`
}
