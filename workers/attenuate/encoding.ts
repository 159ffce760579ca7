/**
 * TextEncoder and TextDecoder made afresh (the realm's own carry Node's native
 * decoder as a property), and atob and btoa with errors of this folder.
 */
import { bytesOf, typedArrayName } from './bytes.js'
import { domException } from './dom-exception.js'
import { tag } from './events.js'
import type { AttenuatorPowers, Globals } from './powers.js'
import { refusal } from './refusal.js'
import { textOf } from './text.js'

export function attenuateEncoding({ realm, harden }: AttenuatorPowers): Globals {
  const DOMException = domException(harden)
  type HostDecoder = InstanceType<typeof realm.TextDecoder>

  class TextEncoder {
    readonly #brand = true
    get encoding(): string {
      void this.#brand
      return 'utf-8'
    }
    encode(text: unknown = ''): Uint8Array {
      return realm.encodeUtf8(textOf(text))
    }
    encodeInto(text: unknown, into: unknown): { readonly read: number; readonly written: number } {
      const bytes = typedArrayName(into) === 'Uint8Array' ? bytesOf(into) : undefined
      if (bytes === undefined) {
        throw refusal(
          'ERR_INVALID_ARG_TYPE',
          'The "dest" argument must be an instance of Uint8Array',
          TypeError,
        )
      }
      const { read, written } = realm.encodeUtf8Into(textOf(text), bytes)
      return { read, written }
    }
  }

  class TextDecoder {
    readonly #decoder: HostDecoder
    constructor(encoding: unknown = 'utf-8', options: unknown = {}) {
      const { fatal, ignoreBOM } = (options ?? {}) as {
        readonly fatal?: unknown
        readonly ignoreBOM?: unknown
      }
      const label = textOf(encoding)
      const plain = { fatal: Boolean(fatal), ignoreBOM: Boolean(ignoreBOM) }
      try {
        this.#decoder = new realm.TextDecoder(label, plain)
      } catch {
        throw refusal(
          'ERR_ENCODING_NOT_SUPPORTED',
          `The "${label.slice(0, 100)}" encoding is not supported`,
          RangeError,
        )
      }
    }
    get encoding(): string {
      return this.#decoder.encoding
    }
    get fatal(): boolean {
      return this.#decoder.fatal
    }
    get ignoreBOM(): boolean {
      return this.#decoder.ignoreBOM
    }
    decode(input?: unknown, options: unknown = {}): string {
      const stream = Boolean((options as { readonly stream?: unknown } | null)?.stream)
      const bytes = input === undefined ? new Uint8Array(0) : bytesOf(input)
      if (bytes === undefined) {
        const message = 'The "input" argument must be an ArrayBuffer or a view over one'
        throw refusal('ERR_INVALID_ARG_TYPE', message, TypeError)
      }
      const decoder = this.#decoder
      try {
        return decoder.decode(bytes, { stream })
      } catch {
        const message = `The encoded data was not valid for encoding ${decoder.encoding}`
        throw refusal('ERR_ENCODING_INVALID_ENCODED_DATA', message, TypeError)
      }
    }
  }
  tag(TextEncoder, 'TextEncoder')
  tag(TextDecoder, 'TextDecoder')

  const translated = (work: (text: string) => string) => (input: unknown) => {
    const text = textOf(input)
    try {
      return work(text)
    } catch {
      throw new DOMException('The text holds characters that cannot be coded', 'InvalidCharacterError')
    }
  }
  return harden({ TextEncoder, TextDecoder, atob: translated(realm.atob), btoa: translated(realm.btoa) })
}
