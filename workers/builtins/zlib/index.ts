/** `zlib` as programs know it, made of the plugin's own classes around attenuate/zlib. */
import type { Native } from '../../attenuate/native.js'
import type { Module } from '../module.js'
import { bufferOf, invalidArgument, own, type Callback } from '../native-module.js'
import { makeZlibClasses, type TransformClass } from './stream.js'

export function makeZlibModule(native: Native, buffer: Module, stream: Module): Module {
  const { zlib } = native
  const Buffer = bufferOf(buffer)
  const classes = makeZlibClasses(native, Buffer, stream['Transform'] as TransformClass)
  const bytes = (value: unknown): unknown => (typeof value === 'string' ? Buffer.from(value) : value)
  const noEngine = (options: unknown): unknown => {
    if (typeof options === 'object' && options !== null && 'info' in options && options.info === true) {
      throw invalidArgument('options.info', 'left out: the engine is an object of the host')
    }
    return options
  }

  const module: Module = { ...zlib.numbers, constants: zlib.constants, codes: zlib.codes }
  for (const form of zlib.forms) {
    const name = `${form[0]?.toLowerCase()}${form.slice(1)}`
    module[form] = classes[form]
    module[`create${form}`] = (options?: unknown) => new classes[form](options)
    module[`${name}Sync`] = (value: unknown, options?: unknown) =>
      own(Buffer, zlib.sync(form, bytes(value), noEngine(options)))
    module[name] = (value: unknown, options: unknown, callback?: unknown) => {
      const [given, done] = typeof options === 'function' ? [undefined, options] : [options, callback]
      if (typeof done !== 'function') throw invalidArgument('callback', 'a function')
      zlib.whole(form, bytes(value), noEngine(given), (error: unknown, result?: Uint8Array) => {
        const call = done as Callback
        if (result === undefined) call(error)
        else call(null, own(Buffer, result))
      })
    }
  }
  module['crc32'] = (value: unknown, start: unknown = 0) => zlib.crc32(bytes(value), start)
  return module
}
