/** What a plugin asks for as plain values: each property is read once, before any decision. */
import { wrongType } from '../arguments.js'
import type { Family } from './net-powers.js'

type Given = Readonly<Record<string, unknown>>

export interface ConnectRequest {
  readonly host: unknown
  readonly port: unknown
  readonly family: 0 | Family
  /** What the plugin's own `lookup` gave. */
  readonly addresses: readonly string[] | undefined
  readonly noDelay: boolean
  readonly keepAlive: boolean
  readonly keepAliveInitialDelay: number
  /** How long an address may take while there is another one, milliseconds. */
  readonly attemptTimeout: number
  /** Names what no rule can name: a socket of the file system, a descriptor. */
  readonly beyond: string | undefined
}

export interface ListenRequest {
  /** `undefined` for every address of the machine. */
  readonly host: unknown
  readonly port: unknown
  readonly backlog: number
  readonly ipv6Only: boolean
  readonly beyond: string | undefined
}

/** Why what is `beyond` is refused. */
export const BEYOND = 'no rule names a socket of the file system or a descriptor'

/** Addresses that a plugin may offer for one name. */
const MOST_ADDRESSES = 16
const LEAST_ATTEMPT_MS = 10
const ATTEMPT_MS = 250
const MOST_ATTEMPT_MS = 60_000
const MOST_KEEP_ALIVE_MS = 2_147_483_647
const BACKLOG = 511

export function connectRequest(given: unknown): ConnectRequest {
  const {
    host,
    port,
    family,
    addresses,
    noDelay,
    keepAlive,
    keepAliveInitialDelay,
    attemptTimeout,
    ...rest
  } = read(given, [
    'host',
    'port',
    'family',
    'addresses',
    'noDelay',
    'keepAlive',
    'keepAliveInitialDelay',
    'attemptTimeout',
    'path',
    'fd',
  ])
  return {
    host,
    port,
    family: family === 4 || family === 6 ? family : 0,
    addresses: addresses === undefined ? undefined : textsIn(addresses),
    noDelay: noDelay === true,
    keepAlive: keepAlive === true,
    keepAliveInitialDelay: within(keepAliveInitialDelay, 0, MOST_KEEP_ALIVE_MS, 0),
    attemptTimeout: within(attemptTimeout, LEAST_ATTEMPT_MS, MOST_ATTEMPT_MS, ATTEMPT_MS),
    beyond: beyond(rest),
  }
}

export function listenRequest(given: unknown): ListenRequest {
  const { host, port, backlog, ipv6Only, ...rest } = read(given, [
    'host',
    'port',
    'backlog',
    'ipv6Only',
    'path',
    'fd',
  ])
  return {
    host,
    port,
    backlog: within(backlog, 1, BACKLOG, BACKLOG),
    ipv6Only: ipv6Only === true,
    beyond: beyond(rest),
  }
}

function read(given: unknown, names: readonly string[]): Given {
  if (typeof given !== 'object' || given === null) throw wrongType('request', 'an object')
  return Object.fromEntries(names.map((name) => [name, Reflect.get(given, name)]))
}

function textsIn(given: unknown): readonly string[] {
  if (typeof given !== 'object' || given === null) throw wrongType('addresses', 'a list of strings')
  const texts: string[] = []
  for (let index = 0; index < MOST_ADDRESSES; index++) {
    const text: unknown = Reflect.get(given, index)
    if (typeof text === 'string') texts.push(text)
  }
  return texts
}

function within(value: unknown, least: number, most: number, otherwise: number): number {
  return typeof value === 'number' && value >= least ? Math.min(Math.trunc(value), most) : otherwise
}

function beyond({ path, fd }: Given): string | undefined {
  if (path !== undefined && path !== null) return `unix:${typeof path === 'string' ? path : ''}`
  return fd === undefined || fd === null ? undefined : `fd:${typeof fd === 'number' ? fd : ''}`
}
