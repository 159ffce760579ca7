/** The headers of a message to be sent, as a program sets and asks for them; how they are sent is outgoing.ts. */
import type { Stream } from 'node:stream'
import { headersSent, invalidType } from './errors.js'
import { HeaderStore, listOf, pairsOf, type HeaderValue } from './header-store.js'
import type { Kit } from './kit.js'

export interface HeadedMessage extends Stream {
  sendDate: boolean
  readonly headersSent: boolean
  /** The text of the head, once it is settled. */
  _header: string | null
  _headers: HeaderStore
  /** The lines after a chunked body. */
  _trailer: string
  _removedConnection: boolean
  _removedContLen: boolean
  _removedTE: boolean
  setHeader(name: unknown, value: unknown): this
  setHeaders(headers: unknown): this
  appendHeader(name: unknown, value: unknown): this
  getHeader(name: unknown): HeaderValue | undefined
  getHeaders(): Record<string, HeaderValue>
  getHeaderNames(): string[]
  getRawHeaderNames(): string[]
  hasHeader(name: unknown): boolean
  removeHeader(name: unknown): void
  addTrailers(headers: unknown): void
}
export type HeadedMessageClass = new () => HeadedMessage

export function makeHeadedMessage({ Stream }: Kit): HeadedMessageClass {
  return class HeadedMessage extends Stream {
    sendDate = false
    _removedConnection = false
    _removedContLen = false
    _removedTE = false
    _header: string | null = null
    _headers: HeaderStore = new HeaderStore()
    _trailer = ''

    get headersSent(): boolean {
      return this._header !== null
    }
    setHeader(name: unknown, value: unknown): this {
      if (this._header !== null) throw headersSent('set')
      this._headers.set(name, value)
      return this
    }
    setHeaders(headers: unknown): this {
      if (this._header !== null) throw headersSent('set')
      if (headers === null || typeof headers !== 'object' || Array.isArray(headers)) {
        throw invalidType('headers', 'an instance of Headers or Map')
      }
      const cookies: unknown[] = []
      for (const [name, value] of pairsOf(headers)) {
        if (String(name).toLowerCase() !== 'set-cookie') this._headers.set(name, value)
        else cookies.push(...(Array.isArray(value) ? (value as readonly unknown[]) : [value]))
      }
      if (cookies.length > 0) this._headers.set('set-cookie', cookies)
      return this
    }
    appendHeader(name: unknown, value: unknown): this {
      if (this._header !== null) throw headersSent('append')
      this._headers.append(name, value)
      return this
    }
    getHeader(name: unknown): HeaderValue | undefined {
      return this._headers.get(name)
    }
    getHeaders(): Record<string, HeaderValue> {
      return this._headers.toObject()
    }
    getHeaderNames(): string[] {
      return this._headers.keys()
    }
    getRawHeaderNames(): string[] {
      return this._headers.names()
    }
    hasHeader(name: unknown): boolean {
      return this._headers.has(name)
    }
    removeHeader(name: unknown): void {
      if (this._header !== null) throw headersSent('remove')
      this._headers.delete(name)
      const key = String(name).toLowerCase()
      if (key === 'connection') this._removedConnection = true
      else if (key === 'content-length') this._removedContLen = true
      else if (key === 'transfer-encoding') this._removedTE = true
      else if (key === 'date') this.sendDate = false
    }
    addTrailers(headers: unknown): void {
      const trailers = new HeaderStore()
      for (const [name, value] of pairsOf(headers)) trailers.append(name, value)
      this._trailer = ''
      for (const [name, value] of trailers.entries()) {
        for (const one of listOf(value)) this._trailer += `${name}: ${one}\r\n`
      }
    }
  }
}
