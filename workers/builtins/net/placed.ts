/** What is to be known of a socket: both of its ends, and how far it is. Getting there is socket-class.ts. */
import type { Ends, StreamPowers } from '../../attenuate/net/net.js'
import type { Duplex, DuplexClass } from './duplex.js'

/** What stands behind a socket once there is a number. */
export type Link = StreamPowers

export const LINK: unique symbol = Symbol('link')
/** The number, once there is one; `undefined` after the end. */
export const ID: unique symbol = Symbol('id')
/** What was learned of both ends; it stays after the end of the connection. */
export const ENDS: unique symbol = Symbol('ends')

export interface Placed extends Duplex {
  connecting: boolean
  readonly pending: boolean
  readonly bufferSize: number
  readonly readyState: string
  readonly remoteAddress: string | undefined
  readonly remotePort: number | undefined
  readonly remoteFamily: string | undefined
  readonly localAddress: string | undefined
  readonly localPort: number | undefined
  readonly localFamily: string | undefined
  address(): object
  readonly [LINK]: Link
  [ID]: number | undefined
  [ENDS]: Ends
}
export type PlacedClass = new (options: object, link: Link) => Placed

export function placedClass(Duplex: DuplexClass): PlacedClass {
  return class Placed extends Duplex {
    connecting = false
    readonly [LINK]: Link;
    [ID]: number | undefined = undefined;
    [ENDS]: Ends = {}

    constructor(options: object, link: Link) {
      super(options)
      this[LINK] = link
    }

    #end<K extends keyof Ends>(key: K): Ends[K] {
      if (this[ENDS][key] === undefined && this[ID] !== undefined && !this.connecting) {
        this[ENDS] = this[LINK].ends(this[ID])
      }
      return this[ENDS][key]
    }

    address(): object {
      const [address, family, port] = [this.localAddress, this.localFamily, this.localPort]
      return address === undefined ? {} : { address, family, port }
    }

    get localAddress(): string | undefined {
      return this.#end('localAddress')
    }
    get localPort(): number | undefined {
      return this.#end('localPort')
    }
    get localFamily(): string | undefined {
      return this.#end('localFamily')
    }
    get remoteAddress(): string | undefined {
      return this.#end('remoteAddress')
    }
    get remotePort(): number | undefined {
      return this.#end('remotePort')
    }
    get remoteFamily(): string | undefined {
      return this.#end('remoteFamily')
    }

    get pending(): boolean {
      return this[ID] === undefined || this.connecting
    }

    get bufferSize(): number {
      return this.writableLength
    }

    get readyState(): string {
      if (this.connecting) return 'opening'
      if (this.readable) return this.writable ? 'open' : 'readOnly'
      return this.writable ? 'writeOnly' : 'closed'
    }
  }
}
