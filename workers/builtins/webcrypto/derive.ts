/** PBKDF2 and HKDF: bits from a password or a secret. */
import { nodeHash } from './algorithm.js'
import { checkUsages, secretOf } from './crypto-key.js'
import { domError, failed, operation } from './errors.js'
import type { Kind, Tools } from './kind.js'

const USAGES = ['deriveKey', 'deriveBits']

export function deriveKinds({ crypto }: Tools): Readonly<Record<string, Kind>> {
  const secret = (name: string): Kind => ({
    importKey(format, data, _params, extractable, usages) {
      if (format !== 'raw')
        throw domError('NotSupportedError', `Unable to import ${name} key using ${format} format`)
      checkUsages(usages, USAGES, `a ${name}`)
      if (extractable) throw domError('SyntaxError', `${name} keys are not extractable`)
      const material = { type: 'secret', bytes: data as Uint8Array } as const
      return { type: 'secret', extractable, algorithm: { name }, usages, material }
    },
    keyLength: () => null,
  })
  return {
    PBKDF2: {
      ...secret('PBKDF2'),
      deriveBits({ salt, iterations = 0, hash = '' }, key, bits) {
        if (iterations === 0) throw domError('OperationError', 'iterations cannot be zero')
        const length = bytesOf(bits)
        if (length === 0) return Promise.resolve(new Uint8Array())
        return new Promise((resolve, reject) => {
          const done = (error: unknown, bytes: Uint8Array): void =>
            error === null ? resolve(bytes) : reject(failed(error))
          operation(() => crypto.pbkdf2(secretOf(key), salt, iterations, length, nodeHash(hash), done))
        })
      },
    },
    HKDF: {
      ...secret('HKDF'),
      async deriveBits({ salt, info, hash = '' }, key, bits) {
        const length = bytesOf(bits)
        if (length === 0) return new Uint8Array()
        return operation(() => crypto.hkdf(nodeHash(hash), secretOf(key), salt, info, length))
      },
    },
  }
}

function bytesOf(bits: number | null): number {
  if (bits === null) throw domError('OperationError', 'length cannot be null')
  if (bits % 8 !== 0) throw domError('OperationError', 'length must be a multiple of 8')
  return bits / 8
}
