/**
 * REST handlers of plugins (OpenSearch: ActionPlugin.getRestHandlers): which plugin
 * owns a path, and what a request and a response look like on the wire. A route is
 * literal segments and `{name}` segments; a literal wins over a name.
 */
import { PluginError } from '../errors.js'
import type { WireBody, WireRestRequest } from '../protocol/plugin-api.js'
import type { Json } from '../protocol/cluster-state.js'

export interface Route {
  readonly method: string
  /** `/_plugins/_demo/{id}` */
  readonly path: string
}

export interface RestCall {
  readonly method: string
  /** Decoded path without the query. */
  readonly path: string
  readonly query?: { readonly [name: string]: string }
  readonly headers?: { readonly [name: string]: string }
  readonly body?: Json | Uint8Array | AsyncIterable<Uint8Array>
}

export interface Match {
  readonly plugin: string
  /** Index of the route in the plugin's registrations. */
  readonly route: number
  readonly params: { readonly [name: string]: string }
}

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])
/** A plugin's routes are kept in the node: 1,000 of them at most, each of at most this size. */
const MOST_PATH_CHARS = 256
const MOST_SEGMENTS = 32
const LITERAL = /^[A-Za-z0-9._~!$&'()*+,;=:@%-]+$/
const NAME = /^\{[A-Za-z_][A-Za-z0-9_]*\}$/

/** @throws PluginError `PLUGIN_START_FAILED` when a route is not one */
export function checkRoutes(plugin: string, routes: readonly Route[]): void {
  for (const { method, path } of routes) {
    const segments = segmentsOf(path)
    const fine =
      METHODS.has(method) &&
      path.startsWith('/') &&
      path.length <= MOST_PATH_CHARS &&
      segments.length <= MOST_SEGMENTS &&
      segments.every((segment) => LITERAL.test(segment) || NAME.test(segment))
    if (!fine) {
      throw new PluginError('PLUGIN_START_FAILED', {
        plugin,
        message: `route ${method} ${path}: write a method such as GET and a path of literal and {name} segments`,
      })
    }
  }
}

interface Owned {
  readonly plugin: string
  readonly route: number
  readonly names: readonly string[]
}

interface Segment {
  readonly literal: Map<string, Segment>
  named: Segment | undefined
  readonly methods: Map<string, Owned>
}

const NO_PARAMS = Object.freeze({})

const newSegment = (): Segment => ({ literal: new Map(), named: undefined, methods: new Map() })

export interface RestRouter {
  /** @throws PluginError `EXTENSION_CONFLICT` naming the plugin that has the route; nothing was added then */
  add(plugin: string, routes: readonly Route[]): void
  remove(plugin: string): void
  /** @throws PluginError `EXTENSION_NOT_FOUND`; its `allow` lists the methods this path has */
  match(method: string, path: string): Match
}

export function makeRestRouter(): RestRouter {
  const byPlugin = new Map<string, readonly Route[]>()
  let root = newSegment()
  /** Routes without names by method and path: most requests are answered from here. */
  const literal = new Map<string, Match>()

  function insert(plugin: string, routes: readonly Route[]): void {
    routes.forEach(({ method, path }, route) => {
      let at = root
      const names: string[] = []
      for (const segment of segmentsOf(path)) {
        if (NAME.test(segment)) {
          names.push(segment.slice(1, -1))
          at = at.named ??= newSegment()
        } else {
          let next = at.literal.get(segment)
          if (next === undefined) at.literal.set(segment, (next = newSegment()))
          at = next
        }
      }
      const owner = at.methods.get(method)
      if (owner !== undefined)
        throw new PluginError('EXTENSION_CONFLICT', {
          plugin,
          route: `${method} ${path}`,
          owner: owner.plugin,
        })
      at.methods.set(method, { plugin, route, names })
      if (names.length === 0) literal.set(`${method} ${path}`, { plugin, route, params: NO_PARAMS })
    })
  }

  function rebuild(): void {
    root = newSegment()
    literal.clear()
    for (const [plugin, routes] of byPlugin) insert(plugin, routes)
  }

  return {
    add(plugin, routes) {
      try {
        insert(plugin, routes)
        byPlugin.set(plugin, routes)
      } catch (error) {
        rebuild()
        throw error
      }
    },
    remove(plugin) {
      if (byPlugin.delete(plugin)) rebuild()
    },
    match(method, path) {
      const known = literal.get(`${method} ${path}`)
      if (known !== undefined) return known
      const found = walk(root, segmentsOf(path), 0, [])
      const owned = found?.node.methods.get(method)
      if (found === undefined || owned === undefined) {
        const allow = found === undefined ? '' : [...found.node.methods.keys()].join(', ')
        throw new PluginError('EXTENSION_NOT_FOUND', { route: `${method} ${path}`, allow })
      }
      const params: Record<string, string> = Object.create(null)
      owned.names.forEach((name, index) => (params[name] = found.values[index] as string))
      return { plugin: owned.plugin, route: owned.route, params }
    },
  }
}

/** Literal first, then the name; paths are short and each segment has two ways at most. */
function walk(
  node: Segment,
  segments: readonly string[],
  at: number,
  values: readonly string[],
): { readonly node: Segment; readonly values: readonly string[] } | undefined {
  const segment = segments[at]
  if (segment === undefined) return node.methods.size > 0 ? { node, values } : undefined
  const literal = node.literal.get(segment)
  const viaLiteral = literal === undefined ? undefined : walk(literal, segments, at + 1, values)
  if (viaLiteral !== undefined || node.named === undefined || segment === '') return viaLiteral
  return walk(node.named, segments, at + 1, [...values, segment])
}

function segmentsOf(path: string): readonly string[] {
  return path.replace(/^\//, '').replace(/\/$/, '').split('/')
}

/** A request as the plugin thread gets it. */
export function toWireRequest(
  call: RestCall,
  match: Match,
): {
  readonly value: WireRestRequest
  readonly sections: readonly Uint8Array[]
  readonly streams: readonly AsyncIterable<Uint8Array>[]
} {
  const { body, sections, streams } = toWireBody(call.body)
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(call.headers ?? {})) headers[name.toLowerCase()] = value
  const { method, path, query = {} } = call
  return {
    value: { route: match.route, method, path, params: match.params, query, headers, body },
    sections,
    streams,
  }
}

function toWireBody(body: RestCall['body']): {
  readonly body: WireBody
  readonly sections: readonly Uint8Array[]
  readonly streams: readonly AsyncIterable<Uint8Array>[]
} {
  if (body === undefined || body === null) return { body: { kind: 'none' }, sections: [], streams: [] }
  if (typeof body === 'string') return { body: { kind: 'text', value: body }, sections: [], streams: [] }
  if (body instanceof Uint8Array) return { body: { kind: 'bytes' }, sections: [body], streams: [] }
  if (typeof body === 'object' && Symbol.asyncIterator in body) {
    return { body: { kind: 'stream' }, sections: [], streams: [body] }
  }
  return { body: { kind: 'json', value: body as Json }, sections: [], streams: [] }
}
