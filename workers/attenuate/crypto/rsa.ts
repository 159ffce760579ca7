/** RSA over bytes: publicEncrypt, privateDecrypt and their turned forms. */
import { alone, badValue, bytesIn, fieldsOf, integerIn, nameIn, outOfRange } from '../arguments.js'
import { hosted } from '../host-error.js'
import type { HostKeyFunctions } from './host-keys.js'
import type { HostKeys } from './keys.js'

/** More than any modulus can take. */
const MOST_DATA_BYTES = 4096
const MOST_PADDING = 6

export interface Rsa {
  /** @param operation - `publicEncrypt`, `privateDecrypt`, `privateEncrypt` or `publicDecrypt` */
  crypt(operation: unknown, key: unknown, options: unknown, data: unknown): Uint8Array
}

export function makeRsa(host: HostKeyFunctions, { nativeOf }: HostKeys): Rsa {
  const operations = new Map(Object.entries(host.crypt))
  return {
    crypt(operation, key, options, data) {
      const run = operations.get(nameIn(operation, 'operation'))
      if (run === undefined) throw badValue('operation', 'one of those of RSA')
      const bytes = shortIn(data, 'buffer')
      const { padding, oaepHash, oaepLabel } = fieldsOf(options, 'options')
      const plain = {
        ...(padding === undefined ? {} : { padding: integerIn(padding, 'options.padding', 0, MOST_PADDING) }),
        ...(oaepHash === undefined ? {} : { oaepHash: nameIn(oaepHash, 'options.oaepHash') }),
        ...(oaepLabel === undefined ? {} : { oaepLabel: shortIn(oaepLabel, 'options.oaepLabel') }),
        key: nativeOf(key, String(operation).startsWith('private') ? 'private' : undefined),
      }
      return hosted(() => alone(run(plain, bytes)))
    },
  }
}

function shortIn(value: unknown, name: string): Uint8Array {
  const bytes = bytesIn(value, name)
  if (bytes.length > MOST_DATA_BYTES) throw outOfRange(name, `at most ${MOST_DATA_BYTES} bytes`, bytes.length)
  return bytes
}
