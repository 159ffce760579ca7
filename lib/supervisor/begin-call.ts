/** Begins one call: what is past the limits of one message, or names no deadline, is refused before it is sent. */
import { PluginError } from '../errors.js'
import type { Limits } from '../policy/document.js'
import type { CallOptions, Channel, Payload, Received } from '../rpc/channel.js'
import { isDeeperThan } from '../rpc/scan.js'
import type { SupervisorOptions } from './options.js'

/** @throws PluginError MESSAGE_TOO_LARGE, CONFIG_INVALID, or what the call ends with */
export function beginCall(
  channel: Channel,
  { plugin, limits, onLimit }: Pick<SupervisorOptions, 'plugin' | 'limits' | 'onLimit'>,
  method: string,
  payload: Payload,
  given: Partial<CallOptions> | undefined,
): Promise<Received> {
  const whole = asJson(payload)
  const limit = brokenBy(whole, limits)
  if (limit !== undefined) {
    onLimit({ limit, action: 'refused', used: null, most: limits[limit] })
    const message = `the call is past limits.${limit}`
    const facts = { plugin, method, message, limit: `${limit} ${limits[limit]}` }
    return Promise.reject(new PluginError('MESSAGE_TOO_LARGE', facts))
  }
  const deadlineMs = given?.deadlineMs ?? limits.callTimeoutMs
  if (!(deadlineMs > 0)) {
    const facts = { option: 'deadlineMs', value: deadlineMs, remedy: 'a number of milliseconds above 0' }
    return Promise.reject(new PluginError('CONFIG_INVALID', facts))
  }
  return channel.call(method, whole, { deadlineMs, signal: given?.signal })
}

function asJson({ value, ...rest }: Payload): Payload & { readonly json: string | Uint8Array } {
  return { ...rest, json: rest.json ?? JSON.stringify(value) }
}

/** Which limit of one message it is past, if it is past one. */
function brokenBy(
  { json, sections }: Payload & { readonly json: string | Uint8Array },
  { messageBytes, messageDepth }: Limits,
): 'messageBytes' | 'messageDepth' | undefined {
  const sectionBytes = (sections ?? []).reduce((sum, section) => sum + section.length, 0)
  if (json.length + sectionBytes > messageBytes) return 'messageBytes'
  return typeof json === 'string' && isDeeperThan(json, messageDepth) ? 'messageDepth' : undefined
}
