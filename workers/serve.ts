/**
 * The plugin thread's side of the plugin API: the only methods the host can call, and
 * what each does with the plugin's functions. What the plugin gives back is read once
 * and made JSON here, so nothing but text, bytes and codes leaves.
 */
import { PluginError } from '../lib/errors.js'
import { TO_PLUGIN, type WireIngest, type WireRestRequest } from '../lib/protocol/plugin-api.js'
import type { StartupParts } from '../lib/protocol/startup-parts.js'
import type { IncomingCall, Payload } from '../lib/rpc/channel.js'
import type { Definition } from './definition.js'
import { bodyForPlugin, bodyFromPlugin } from './wire-body.js'

/** What serve needs of the loaded plugin; made in plugin.ts. */
export interface Plugin {
  readonly definition: Definition
  /** Where the time of the start went until now. */
  readonly startup: StartupParts
  /** The context of start and stop. */
  readonly context: object
  /** A context whose `signal` is aborted when `onCancel` runs what it was given. */
  contextOfCall(call: IncomingCall): object
  readonly harden: <T>(value: T) => T
  /** The first cluster state is there, if this plugin may see any. */
  ready(): Promise<void>
  /** Begins to hand cluster states to the definition's own listener. */
  listen(): void
  /** Tells the plugin, on its own signal, that it is asked to stop. */
  abort(): void
  /** Sends what the node was not told yet: the thread may end with the answer that follows. */
  flush(): void
  teardown(): void
}

const MOST_PROCESSORS = 64

export function makeServe(
  load: (call: IncomingCall) => Plugin,
): (call: IncomingCall) => Payload | Promise<Payload> {
  let plugin: Plugin | undefined
  const processors = new Map<string, Promise<unknown>>()

  const methods = new Map<string, (call: IncomingCall) => Payload | Promise<Payload>>([
    [
      TO_PLUGIN.load,
      (call) => {
        if (plugin !== undefined) throw new PluginError('PROTOCOL_VIOLATION', { rule: 'load once' })
        plugin = load(call)
        const { definition, startup } = plugin
        return { value: { registrations: definition.registrations, startup } }
      },
    ],
    [
      TO_PLUGIN.start,
      async () => {
        const { definition, context, ready, listen, flush } = loaded()
        await ready()
        try {
          await definition.start?.(context)
        } finally {
          flush()
        }
        listen()
        return { value: null }
      },
    ],
    [TO_PLUGIN.rest, rest],
    [TO_PLUGIN.ingest, ingest],
    [
      TO_PLUGIN.stop,
      async () => {
        const { definition, context, abort, teardown, flush } = loaded()
        try {
          abort()
          await definition.stop?.(context)
        } finally {
          teardown()
          flush()
        }
        return { value: null }
      },
    ],
  ])

  function loaded(): Plugin {
    if (plugin === undefined) throw new PluginError('PROTOCOL_VIOLATION', { rule: 'load first' })
    return plugin
  }

  async function rest(call: IncomingCall): Promise<Payload> {
    const { definition, harden, contextOfCall } = loaded()
    const request = call.value as WireRestRequest
    const handle = definition.rest[request.route]
    if (handle === undefined) throw new PluginError('METHOD_UNKNOWN', { method: `rest ${request.route}` })
    const { method, path, params, query, headers } = request
    const body = bodyForPlugin(request.body, call, harden)
    const response = await handle({ method, path, params, query, headers, body }, contextOfCall(call))
    const fields: object = typeof response === 'object' && response !== null ? response : {}
    const out = bodyFromPlugin(Reflect.get(fields, 'body'))
    const reply = {
      status: Reflect.get(fields, 'status'),
      headers: Reflect.get(fields, 'headers'),
      body: out.body,
    }
    return { json: toJson(reply), ...out.extra }
  }

  async function ingest(call: IncomingCall): Promise<Payload> {
    const { definition, context, contextOfCall } = loaded()
    const { type, config, documents } = call.value as WireIngest
    const factory = definition.ingest.get(type)
    if (factory === undefined) throw new PluginError('METHOD_UNKNOWN', { method: `ingest ${type}` })
    const key = `${type} ${JSON.stringify(config)}`
    let made = processors.get(key)
    if (made === undefined) {
      if (processors.size >= MOST_PROCESSORS) processors.delete(processors.keys().next().value as string)
      made = (async () => factory(config, context))()
      processors.set(key, made)
      made.catch(() => processors.delete(key)) // a factory that failed is asked again next time
    }
    const process = await made
    if (typeof process !== 'function') {
      throw new PluginError('PLUGIN_ERROR', {
        message: `ingest['${type}'] gave no function for this configuration`,
      })
    }
    const result: unknown = await Reflect.apply(process as () => unknown, undefined, [
      documents,
      contextOfCall(call),
    ])
    return { json: toJson({ documents: result }) }
  }

  return (call) => {
    const method = methods.get(call.method)
    if (method === undefined) throw new PluginError('METHOD_UNKNOWN', { method: call.method })
    return method(call)
  }
}

/** The plugin's toJSON and getters run here, in its own thread; what they give is only text. */
function toJson(value: unknown): string {
  return JSON.stringify(value) ?? 'null'
}
