/** ECDH, the named Diffie-Hellman groups, and diffieHellman of two keys. */
import type { Native } from '../../attenuate/native.js'
import type { Module } from '../module.js'
import { own, type BufferClass } from '../native-module.js'
import { badValue, object, type Input, type Keys } from './key-object.js'

type Powers = Native['crypto']['keys']
type Party = ReturnType<Powers['ecdh']> | ReturnType<Powers['group']>

export function exchangeFunctions(
  { keys }: Native['crypto'],
  Buffer: BufferClass,
  input: Input,
  { keyIn, materialOf }: Keys,
): Module {
  const out = (bytes: Uint8Array, encoding?: unknown): unknown => {
    const buffer = own(Buffer, bytes)
    return encoding === undefined || encoding === null || encoding === 'buffer'
      ? buffer
      : buffer.toString(encoding as string)
  }
  class Base<State extends Party> {
    protected readonly state: () => State
    constructor(state: State) {
      this.state = () => state
      Object.defineProperty(this, 'state', { enumerable: false })
    }
    computeSecret(other: unknown, inputEncoding?: unknown, outputEncoding?: unknown): unknown {
      return out(this.state().computeSecret(input(other, inputEncoding)), outputEncoding)
    }
    generateKeys(encoding?: unknown, format?: unknown): unknown {
      return out(this.state().generateKeys(format), encoding)
    }
    getPublicKey(encoding?: unknown, format?: unknown): unknown {
      return out(this.state().getPublicKey(format), encoding)
    }
    getPrivateKey(encoding?: unknown): unknown {
      return out(this.state().getPrivateKey(), encoding)
    }
  }
  class ECDH extends Base<ReturnType<Powers['ecdh']>> {
    constructor(curve: unknown) {
      super(keys.ecdh(curve))
    }
    setPrivateKey(key: unknown, encoding?: unknown): this {
      this.state().setPrivateKey(input(key, encoding))
      return this
    }
    static convertKey(
      key: unknown,
      curve: unknown,
      inputEncoding?: unknown,
      outputEncoding?: unknown,
      format?: unknown,
    ): unknown {
      return out(keys.convertPoint(input(key, inputEncoding), curve, format), outputEncoding)
    }
  }
  class DiffieHellmanGroup extends Base<ReturnType<Powers['group']>> {
    readonly verifyError: number
    constructor(name: unknown) {
      const state = keys.group(name)
      super(state)
      this.verifyError = state.verifyError
    }
    getPrime(encoding?: unknown): unknown {
      return out(this.state().getPrime(), encoding)
    }
    getGenerator(encoding?: unknown): unknown {
      return out(this.state().getGenerator(), encoding)
    }
  }
  const group = (name: unknown): DiffieHellmanGroup => new DiffieHellmanGroup(name)
  return {
    ECDH,
    DiffieHellmanGroup,
    createECDH: (curve: unknown) => new ECDH(curve),
    getCurves: () => [...keys.curves()],
    createDiffieHellmanGroup: group,
    getDiffieHellman: group,
    diffieHellman(options: unknown) {
      const { privateKey, publicKey } = object(options, 'options')
      for (const [name, key] of Object.entries({ privateKey, publicKey }))
        if (materialOf(key) === undefined) throw badValue(`options.${name}`, key)
      const pub = keyIn(publicKey, 'public')
      return own(
        Buffer,
        keys.agree(keyIn(privateKey, 'private'), pub.type === 'private' ? keys.publicOf(pub) : pub),
      )
    },
  }
}
