/** The plugin's `http` and `https` over the sockets, streams and emitters of this Node, beside Node's own. */
import events from 'node:events'
import http from 'node:http'
import https from 'node:https'
import net from 'node:net'
import stream from 'node:stream'
import tls from 'node:tls'
import { makeHttp } from '../../workers/builtins/http/index.js'
import { makeHttps } from '../../workers/builtins/https/index.js'
import type { Module } from '../../workers/builtins/module.js'

export type Http = typeof http
export type Https = typeof https

const asModule = (value: unknown): Module => value as Module
const made = makeHttp({ net: asModule(net), stream: asModule(stream), events: asModule(events) })

export const ours = made as unknown as Http
export const oursTls = makeHttps({ http: made, tls: asModule(tls) }) as unknown as Https
export { http as nodes, https as nodesTls }
