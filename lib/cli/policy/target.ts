/** A capability and a target as somebody types them -> a question for `decide`, and its words. */
import { isIP } from 'node:net'
import { resolve } from 'node:path'
import { domainToASCII } from 'node:url'
import { PluginError } from '../../errors.js'
import { realPathOf } from '../../node-powers.js'
import { CAPABILITIES, type Capability } from '../../policy/capability.js'
import type { AccessRequest } from '../../policy/decide.js'
import { readKey, readPoint } from '../../policy/match.js'
import { isWithin } from '../../policy/self-approval.js'
import { suggest } from '../../policy/suggest.js'

export interface Question {
  readonly capability: Capability
  readonly request: AccessRequest
  /** The target in its plain form: `s3.amazonaws.com:443`, a real path. */
  readonly target: string
  /** `connect to s3.amazonaws.com:443`. */
  readonly text: string
  /** The narrowest pattern that grants it. */
  readonly pattern: string
}

export interface OwnPlaces {
  readonly home: string
  readonly data: string
}

/** @throws PluginError `CONFIG_INVALID` */
export function capabilityOf(text: string): Capability {
  const found = CAPABILITIES.find((name) => name === text)
  if (found !== undefined) return found
  throw new PluginError('CONFIG_INVALID', {
    argument: 'capability',
    value: text,
    message: 'there is no such capability',
    remedy: suggest(text, CAPABILITIES),
  })
}

/**
 * @param from - npm package whose code would ask
 * @throws PluginError `CONFIG_INVALID` for a target that is none of this capability
 */
export function questionOf(
  capability: Capability,
  text: string,
  own: OwnPlaces,
  from: string | undefined,
): Question {
  const inPackage = from === undefined ? {} : { package: from }
  switch (capability) {
    case 'fs.read':
    case 'fs.write': {
      const path = pathOf(text, own)
      const verb = capability === 'fs.read' ? 'read' : 'write'
      const pattern = patternOf(path, own)
      return {
        capability,
        request: { kind: capability, path, ...inPackage },
        target: path,
        text: `${verb} ${path}`,
        pattern,
      }
    }
    case 'net.connect':
    case 'net.listen': {
      const { host, port } = endpointOf(text)
      const target = `${host.includes(':') ? `[${host}]` : host}:${port}`
      const verb = capability === 'net.connect' ? 'connect to' : 'listen on'
      return {
        capability,
        request: { kind: capability, host, port, ...inPackage },
        target,
        text: `${verb} ${target}`,
        pattern: target,
      }
    }
    case 'env':
      return simple(capability, { kind: 'env', name: text, ...inPackage }, text, 'read the variable')
    case 'settings':
      if (readKey(text) === undefined) throw noTarget(text, 'write a key such as s3.client.default.endpoint')
      return simple(capability, { kind: 'settings', key: text }, text, 'read the setting')
    case 'clusterState.read': {
      const path = readKey(text)
      if (path === undefined) throw noTarget(text, 'write a path such as metadata.indices')
      return simple(capability, { kind: 'clusterState.read', path }, text, 'see the cluster state at')
    }
    case 'extensionPoints':
      if (readPoint(text) === undefined)
        throw noTarget(text, 'write it as it is registered, such as rest:/_plugins/_demo/{id} or ingest:geo')
      return {
        ...simple(capability, { kind: 'extensionPoint', point: text }, text, 'provide'),
        pattern: text.replaceAll(/[^/:]*[{}*][^/]*/g, '*'), // a hole in a route is any text
      }
    case 'plugins.call':
      return simple(capability, { kind: 'plugins.call', plugin: text }, text, 'call the plugin')
  }
}

function simple(capability: Capability, request: AccessRequest, target: string, verb: string): Question {
  return { capability, request, target, text: `${verb} ${target}`, pattern: target }
}

/** Links followed as far as there is something, as whoever opens the file does. */
function pathOf(text: string, { home, data }: OwnPlaces): string {
  const spelt = text.replace(/^\$\{plugin\.home\}/, () => home).replace(/^\$\{plugin\.data\}/, () => data)
  return realPathOf(resolve(spelt))
}

function patternOf(path: string, { home, data }: OwnPlaces): string {
  if (isWithin(path, home)) return `\${plugin.home}${path.slice(home.length)}`
  return isWithin(path, data) ? `\${plugin.data}${path.slice(data.length)}` : path
}

function endpointOf(text: string): { readonly host: string; readonly port: number } {
  const [, bracketed, bare = '', digits = ''] = /^(?:\[([^\]]*)\]|([^:/]*)):(\d{1,5})$/.exec(text) ?? []
  const port = digits === '' ? NaN : Number(digits)
  const host = bracketed ?? (isIP(bare) > 0 ? bare : domainToASCII(bare).replace(/\.$/, ''))
  const isHost = bracketed === undefined ? host !== '' : isIP(bracketed) === 6
  if (isHost && port <= 65_535) return { host, port }
  throw noTarget(text, 'write a host and a port, such as s3.eu-west-1.amazonaws.com:443 or [::1]:9200')
}

function noTarget(value: string, remedy: string): PluginError {
  return new PluginError('CONFIG_INVALID', {
    argument: 'target',
    value,
    message: 'this capability has no such target',
    remedy,
  })
}
