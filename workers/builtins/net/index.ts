/**
 * `net` of a plugin: its own copy, over functions that decide (power.ts). What Node
 * has and this has not: docs/built-ins.md.
 */
import type { Module } from '../module.js'
import type { BufferClass } from '../native-module.js'
import { BlockList, SocketAddress } from './block-list.js'
import * as defaults from './defaults.js'
import type { DuplexClass } from './duplex.js'
import { isIP, isIPv4, isIPv6 } from './is-ip.js'
import { serverClass, type EmitterClass, type Server } from './server.js'
import { socketClass } from './socket-class.js'
import type { Socket } from './socket.js'

export interface Parts {
  readonly stream: Module
  readonly events: Module
  readonly buffer: Module
}

export function makeNetModule({ stream, events, buffer }: Parts): Module {
  const Socket = socketClass({
    Duplex: stream['Duplex'] as DuplexClass,
    Buffer: buffer['Buffer'] as BufferClass,
    addAbortSignal: stream['addAbortSignal'] as (signal: unknown, stream: unknown) => void,
  })
  const connect = (...args: readonly unknown[]): Socket => new Socket(args[0]).connect(...args)
  const Server = serverClass(events['EventEmitter'] as EmitterClass, Socket)
  const createServer = (options?: unknown, listener?: unknown): Server => new Server(options, listener)
  return {
    BlockList,
    SocketAddress,
    Server,
    createServer,
    Socket,
    Stream: Socket,
    connect,
    createConnection: connect,
    isIP,
    isIPv4,
    isIPv6,
    getDefaultAutoSelectFamily: defaults.getDefaultAutoSelectFamily,
    setDefaultAutoSelectFamily: defaults.setDefaultAutoSelectFamily,
    getDefaultAutoSelectFamilyAttemptTimeout: defaults.getDefaultAutoSelectFamilyAttemptTimeout,
    setDefaultAutoSelectFamilyAttemptTimeout: defaults.setDefaultAutoSelectFamilyAttemptTimeout,
  }
}
