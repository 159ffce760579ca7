/** What a plugin does with the global `fetch`. */
import type { PluginDefinition } from 'bulkhead/plugin'
import { serveCases, type Cases } from './serve-cases.js'

export interface FetchFacts {
  readonly port: number
}

const url = ({ port }: FetchFacts, path: string): string => `http://127.0.0.1:${port}${path}`

const cases: Cases<FetchFacts> = {
  async get(facts) {
    const response = await fetch(url(facts, '/json'))
    const { title } = (await response.json()) as { readonly title: string }
    return { title, status: response.status, ok: response.ok, type: response.headers.get('content-type') }
  },
  async post(facts) {
    const body = JSON.stringify({ sea: 'north' })
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(url(facts, '/echo'), { method: 'POST', headers, body })
    return {
      method: response.headers.get('x-method'),
      type: response.headers.get('content-type'),
      text: await response.text(),
    }
  },
  async bytes(facts) {
    const body = Uint8Array.from({ length: 300_000 }, (_, n) => n % 251)
    const response = await fetch(url(facts, '/echo'), { method: 'PUT', body })
    const back = new Uint8Array(await response.arrayBuffer())
    return { length: back.length, same: back.every((byte, n) => byte === n % 251) }
  },
  async redirect(facts) {
    const response = await fetch(url(facts, '/redirect'))
    return { redirected: response.redirected, path: new URL(response.url).pathname, status: response.status }
  },
  async manual(facts) {
    const response = await fetch(url(facts, '/redirect'), { redirect: 'manual' })
    return { status: response.status, location: response.headers.get('location') }
  },
  async loop(facts) {
    return (await fetch(url(facts, '/loop'))).status
  },
  async away(facts) {
    return (await fetch(url(facts, '/away'))).status
  },
  async stream(facts) {
    const { body } = await fetch(url(facts, '/stream'))
    let length = 0
    let chunks = 0
    for await (const chunk of body ?? []) {
      length += (chunk as Uint8Array).length
      chunks += 1
    }
    return { length, inPieces: chunks > 1 }
  },
  async gzip(facts) {
    return (await fetch(url(facts, '/gzip'))).text()
  },
  async missing(facts) {
    const response = await fetch(url(facts, '/missing'))
    return { ok: response.ok, status: response.status, text: await response.text() }
  },
  async abort(facts) {
    const aborting = new AbortController()
    const { body } = await fetch(url(facts, '/silent'), { signal: aborting.signal })
    for await (const chunk of body ?? []) {
      if ((chunk as Uint8Array).length > 0) aborting.abort()
    }
    return 'it ended by itself'
  },
  async cut(facts) {
    return (await fetch(url(facts, '/cut'))).text()
  },
}

const plugin: PluginDefinition = serveCases(cases)
export default plugin
