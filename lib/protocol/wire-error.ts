/**
 * Errors as they cross a channel: a code of the one table, a message, a few plain
 * facts, and from plugin to host a raw stack that the host maps to the author's
 * source. Towards a plugin no stack and no host path is sent.
 */
import { ERROR_CODES, PluginError, type ErrorCode } from '../errors.js'

export interface WireError {
  readonly code: ErrorCode
  readonly message: string
  readonly detail: { readonly [key: string]: string | number | boolean }
  readonly stack?: string
}

/** Longest message and detail value in characters; a longer one is cut. */
export const MAX_ERROR_TEXT = 2000
/** Entries of a detail that are sent and read. */
const MAX_FACTS = 16
/** Longest raw stack in characters. */
export const MAX_STACK_TEXT = 8000

/**
 * Reads the body of an error frame. Whatever it is, the result is a PluginError:
 * a peer that sends nonsense as its failure has still failed.
 * @param allowed - codes the peer may use; any other becomes `fallback`
 */
export function parseWireError(
  body: unknown,
  allowed: ReadonlySet<ErrorCode>,
  fallback: ErrorCode,
): PluginError {
  const raw = isRecord(body) ? body : {}
  const given = own(raw, 'code')
  const code = typeof given === 'string' && isErrorCode(given) && allowed.has(given) ? given : fallback
  const detail: Record<string, string | number | boolean> = Object.create(null)
  const message = own(raw, 'message')
  if (typeof message === 'string') detail['message'] = cut(message, MAX_ERROR_TEXT)
  const facts = own(raw, 'detail')
  if (isRecord(facts)) {
    for (const key of Object.keys(facts).slice(0, MAX_FACTS)) {
      const value = facts[key]
      if (key === 'message' || key === 'stack' || key === 'faults') continue
      if (typeof value === 'string') detail[cut(key, 64)] = cut(value, MAX_ERROR_TEXT)
      else if (typeof value === 'number' || typeof value === 'boolean') detail[cut(key, 64)] = value
    }
  }
  const error = new PluginError(code, { ...detail })
  const stack = own(raw, 'stack')
  if (typeof stack === 'string') rawStacks.set(error, cut(stack, MAX_STACK_TEXT))
  return error
}

/** What the peer said its stack was, unmapped; the supervisor maps it when someone looks. */
export function rawStackOf(error: PluginError): string | undefined {
  return rawStacks.get(error)
}
const rawStacks = new WeakMap<PluginError, string>()

/** A PluginError for the wire, without stack, detail values as plain scalars. */
export function toWireError(error: PluginError): WireError {
  const detail: Record<string, string | number | boolean> = {}
  for (const [key, value] of Object.entries(error.detail).slice(0, MAX_FACTS)) {
    if (key === 'message' || key === 'stack' || key === 'faults') continue
    if (typeof value === 'string') detail[key] = cut(value, MAX_ERROR_TEXT)
    else if (typeof value === 'number' || typeof value === 'boolean') detail[key] = value
  }
  const message =
    typeof error.detail['message'] === 'string' ? error.detail['message'] : ERROR_CODES[error.code]
  return { code: error.code, message: cut(message, MAX_ERROR_TEXT), detail }
}

function isErrorCode(value: string): value is ErrorCode {
  return Object.hasOwn(ERROR_CODES, value)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function own(record: Record<string, unknown>, key: string): unknown {
  return Object.hasOwn(record, key) ? record[key] : undefined
}

function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most)}…`
}
