/** publicEncrypt, privateDecrypt, privateEncrypt, publicDecrypt. */
import type { Native } from '../../attenuate/native.js'
import type { Module } from '../module.js'
import { own, type BufferClass } from '../native-module.js'
import type { Input, Keys } from './key-object.js'

const OPERATIONS = ['publicEncrypt', 'privateDecrypt', 'privateEncrypt', 'publicDecrypt'] as const

export function rsaFunctions(
  { keys }: Native['crypto'],
  Buffer: BufferClass,
  input: Input,
  { keyIn }: Keys,
): Module {
  const made = (operation: (typeof OPERATIONS)[number]) => (key: unknown, data: unknown) => {
    const fields = typeof key === 'object' && key !== null ? (key as Readonly<Record<string, unknown>>) : {}
    const { padding, oaepHash, oaepLabel, encoding } = fields
    const options = { padding, oaepHash, oaepLabel: input(oaepLabel, encoding) }
    const pair = keyIn(key, operation.startsWith('private') ? 'private' : 'public')
    return own(Buffer, keys.crypt(operation, pair, options, input(data, encoding)))
  }
  return Object.fromEntries(OPERATIONS.map((operation) => [operation, made(operation)]))
}
