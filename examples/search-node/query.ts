/**
 * What a search asks for, read from `?q=` or from the query language of the request
 * body. This node knows `match` and `match_all`; anything else is refused by name.
 */
import { HttpError } from './http-error.js'

export type Query =
  | { readonly kind: 'all' }
  /** Words looked for in every field. */
  | { readonly kind: 'any'; readonly words: string; readonly operator: 'and' | 'or' }
  | {
      readonly kind: 'match'
      readonly field: string
      readonly words: string
      readonly operator: 'and' | 'or'
    }

export interface SearchRequest {
  readonly query: Query
  /** Hits to leave out, best first. */
  readonly from: number
  /** Hits to give, 10 when not said. */
  readonly size: number
}

const MAX_WINDOW = 10_000

/**
 * @throws HttpError 400 `parsing_exception` or `illegal_argument_exception`, naming what is wrong
 */
export function parseSearch(parameters: { readonly [name: string]: string }, body: unknown): SearchRequest {
  const request = body === undefined || body === null ? {} : asObject(body, 'the request body')
  const known = ['query', 'from', 'size']
  for (const key of Object.keys(request)) {
    if (!known.includes(key))
      throw parsing(`unknown key [${key}] in the search body; known are ${known.join(', ')}`)
  }
  const words = parameters['q']
  const query: Query =
    words !== undefined
      ? {
          kind: 'any',
          words,
          operator: parameters['default_operator']?.toLowerCase() === 'and' ? 'and' : 'or',
        }
      : request['query'] === undefined
        ? { kind: 'all' }
        : parseQuery(asObject(request['query'], '[query]'))
  const from = wholeNumber(parameters['from'] ?? request['from'] ?? 0, 'from')
  const size = wholeNumber(parameters['size'] ?? request['size'] ?? 10, 'size')
  if (from + size > MAX_WINDOW)
    throw parsing(`[from] + [size] must be at most ${MAX_WINDOW}, got ${from + size}`)
  return { query, from, size }
}

function parseQuery(query: { readonly [key: string]: unknown }): Query {
  const [kind, ...others] = Object.keys(query)
  if (kind === undefined || others.length > 0) throw parsing('[query] must hold exactly one query')
  switch (kind) {
    case 'match_all':
      return { kind: 'all' }
    case 'match':
      return parseMatch(asObject(query['match'], '[match]'))
    default:
      throw parsing(`unknown query [${kind}]; this node knows match and match_all`)
  }
}

function parseMatch(match: { readonly [key: string]: unknown }): Query {
  const [field, ...others] = Object.keys(match)
  if (field === undefined || others.length > 0) throw parsing('[match] must name exactly one field')
  const given = match[field]
  if (typeof given === 'string' || typeof given === 'number') {
    return { kind: 'match', field, words: String(given), operator: 'or' }
  }
  const { query, operator = 'or' } = asObject(given, `[match] for [${field}]`)
  if (typeof query !== 'string') throw parsing(`[match] for [${field}] must hold a text or { "query": text }`)
  const lower = String(operator).toLowerCase()
  if (lower !== 'and' && lower !== 'or')
    throw parsing(`[operator] must be "and" or "or", got [${String(operator)}]`)
  return { kind: 'match', field, words: query, operator: lower }
}

function wholeNumber(value: unknown, name: string): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  if (typeof number === 'number' && Number.isInteger(number) && number >= 0) return number
  throw parsing(`[${name}] must be a whole number from 0, got [${String(value)}]`)
}

function asObject(value: unknown, what: string): { readonly [key: string]: unknown } {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  throw parsing(`${what} must be a JSON object`)
}

function parsing(reason: string): HttpError {
  return new HttpError(400, 'parsing_exception', reason)
}
