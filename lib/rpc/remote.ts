/**
 * A typed façade over a channel with comlink's `Remote<T>`: `await remote.start()` instead of
 * `channel.call('start', …)`. Host side and trusted code only. Comlink trusts its peer, so no
 * comlink message crosses to a plugin: the endpoint here answers comlink itself, with plain
 * RAW replies built from results that came over the channel.
 */
import { wrap, type Endpoint, type Remote } from 'comlink'
import { PluginError } from '../errors.js'
import type { CallOptions } from './channel.js'

/** What comlink's `wrap` sends for `remote.name(...values)`; every other kind of message is refused. */
interface Apply {
  readonly id: string
  readonly type: string
  readonly path?: readonly string[]
  readonly argumentList?: readonly { readonly type: string; readonly value?: unknown }[]
}

/** Makes one call; the channel's, or one that adds deadlines and names. */
export type RemoteCall = (
  method: string,
  argument: unknown,
  options?: Partial<CallOptions>,
) => Promise<unknown>

/**
 * @param methods - names that may be called; any other rejects with `METHOD_UNKNOWN`
 * @param call - carries the call; its argument is the one value the method was called with
 */
export function makeRemote<T>(methods: readonly string[], call: RemoteCall): Remote<T> {
  const allowed = new Set(methods)
  const listeners = new Set<(event: { data: unknown }) => void>()

  function answer(
    id: string,
    data: { readonly type: string; readonly value: unknown; readonly name?: string },
  ): void {
    for (const listener of listeners) listener({ data: { id, ...data } })
  }

  async function carry(message: Apply): Promise<void> {
    const [method, ...deeper] = message.path ?? []
    const [first, ...more] = message.argumentList ?? []
    try {
      if (message.type !== 'APPLY' || method === undefined || deeper.length > 0 || !allowed.has(method)) {
        throw new PluginError('METHOD_UNKNOWN', { method: (message.path ?? []).join('.') })
      }
      if (more.length > 0 || (first !== undefined && first.type !== 'RAW')) {
        throw new PluginError('METHOD_UNKNOWN', { method, message: 'takes one plain value' })
      }
      answer(message.id, { type: 'RAW', value: await call(method, first?.value) })
    } catch (error) {
      // Comlink's own form of a thrown value; it comes from here, so the error keeps its class.
      answer(message.id, { type: 'HANDLER', name: 'throw', value: { isError: false, value: error } })
    }
  }

  const endpoint: Endpoint = {
    postMessage: (message: Apply) => void carry(message),
    addEventListener: (_type, listener) => {
      if (typeof listener === 'function')
        listeners.add(listener as unknown as (event: { data: unknown }) => void)
    },
    removeEventListener: (_type, listener) => {
      listeners.delete(listener as unknown as (event: { data: unknown }) => void)
    },
  }
  // Comlink answers an assignment with a promise that nobody holds; refused here, it is a TypeError where it stands.
  return new Proxy(wrap<T>(endpoint) as object, { set: () => false }) as Remote<T>
}
