/** The kinds of records, and their copies: plain values that nobody else holds. */
import { alone } from '../arguments.js'
import { refusal } from '../refusal.js'

const KINDS = {
  A: ['resolve4', 'queryA'],
  AAAA: ['resolve6', 'queryAaaa'],
  ANY: ['resolveAny', 'queryAny'],
  CAA: ['resolveCaa', 'queryCaa'],
  CNAME: ['resolveCname', 'queryCname'],
  MX: ['resolveMx', 'queryMx'],
  NAPTR: ['resolveNaptr', 'queryNaptr'],
  NS: ['resolveNs', 'queryNs'],
  PTR: ['resolvePtr', 'queryPtr'],
  SOA: ['resolveSoa', 'querySoa'],
  SRV: ['resolveSrv', 'querySrv'],
  TLSA: ['resolveTlsa', 'queryTlsa'],
  TXT: ['resolveTxt', 'queryTxt'],
  REVERSE: ['reverse', 'getHostByAddr'],
} as const
export type RecordType = keyof typeof KINDS

export interface Method {
  readonly type: RecordType
  /** Of Node's Resolver. */
  readonly method: string
  readonly syscall: string
}

export function methodsOf(methods: ReadonlySet<string>): readonly string[] {
  return Object.values(KINDS).flatMap(([method]) => (methods.has(method) ? [method] : []))
}

/** @throws TypeError `ERR_INVALID_ARG_VALUE` for a kind that this Node does not ask for */
export function methodOf(type: unknown, methods: ReadonlySet<string>): Method {
  if (typeof type === 'string' && Object.hasOwn(KINDS, type)) {
    const known = type as RecordType
    const [method, syscall] = KINDS[known]
    if (methods.has(method)) return { type: known, method, syscall }
  }
  throw refusal(
    'ERR_INVALID_ARG_VALUE',
    'The argument "rrtype" is no type of record that this Node resolves',
    TypeError,
  )
}

type Shown = <T>(items: readonly T[], addressOf: (item: T) => string | undefined) => readonly T[]

/** A copy of what Node found, without the addresses that `shown` leaves out. */
export function readRecords(type: RecordType, found: unknown, shown: Shown): unknown {
  const records = plain(found)
  if (!Array.isArray(records) || !(type === 'A' || type === 'AAAA' || type === 'ANY')) return records
  return shown(records as unknown[], addressIn)
}

function addressIn(record: unknown): string | undefined {
  const { address } = record as { readonly address?: unknown }
  return typeof address === 'string' ? address : undefined
}

/** Records are lists and objects of texts, numbers and bytes; anything else is left out. */
function plain(value: unknown): unknown {
  if (typeof value === 'string' || typeof value === 'number') return value
  if (value instanceof ArrayBuffer) return new Uint8Array(value).slice().buffer
  if (value instanceof Uint8Array) return alone(value)
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return undefined
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]))
}
