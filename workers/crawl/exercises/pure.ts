/** Modules that need no grant. */
import { of, type Exercise } from './exercise.js'

export const PURE: readonly Exercise[] = [
  {
    covers: of('assert', 'equal deepEqual deepStrictEqual strictEqual match doesNotMatch'),
    run: `
      const assert = require('assert')
      for (const test of ['equal', 'deepEqual', 'deepStrictEqual', 'strictEqual']) assert[test](1, 1)
      assert.match('a', /a/)
      assert.doesNotMatch('a', /b/)
      for (const test of ['fail', 'equal', 'match', 'rejects', 'ok']) try { keep(assert[test]('a', /b/)) } catch (error) { keep(error) }`,
  },
  {
    covers: of('assert/strict', 'equal deepEqual deepStrictEqual strictEqual match doesNotMatch'),
    run: `
      const assert = require('assert/strict')
      for (const test of ['equal', 'deepEqual', 'deepStrictEqual', 'strictEqual']) assert[test](1, 1)
      assert.match('a', /a/)
      assert.doesNotMatch('a', /b/)`,
  },
  { covers: ['buffer.atob'], run: `keep(require('buffer').atob('YWI='))` },
  {
    covers: of('events', 'once getEventListeners getMaxListeners addAbortListener'),
    run: `
      const { EventEmitter, once, getEventListeners, getMaxListeners, addAbortListener } = require('events')
      const emitter = new EventEmitter()
      const promise = once(emitter, 'told')
      keep(getEventListeners(emitter, 'told'))
      emitter.emit('told', {})
      keep(await promise)
      getMaxListeners(emitter)
      const controller = new AbortController()
      keep(addAbortListener(controller.signal, function (...values) { keep(this); keep(values) }))
      controller.abort()`,
  },
  {
    covers: ['stream.addAbortSignal', 'stream.setDefaultHighWaterMark'],
    run: `
      const { addAbortSignal, setDefaultHighWaterMark, getDefaultHighWaterMark, PassThrough } = require('stream')
      const controller = new AbortController()
      const stream = keep(addAbortSignal(controller.signal, new PassThrough()))
      stream.on('error', keep)
      controller.abort()
      setDefaultHighWaterMark(false, getDefaultHighWaterMark(false))`,
  },
  {
    covers: ['timers.setTimeout', 'timers.setInterval', 'timers.setImmediate'],
    run: `
      const timers = require('timers')
      for (const name of ['setTimeout', 'setImmediate', 'setInterval']) {
        let timer
        await new Promise((resolve) => { timer = keep(timers[name](function (...values) { keep(this); keep(values); resolve() }, 1, {})) })
        timers['clear' + name.slice(3)](timer)
      }`,
  },
  {
    covers: of('url', 'URL fileURLToPath fileURLToPathBuffer urlToHttpOptions'),
    run: `
      const url = require('url')
      const address = keep(new url.URL('http://user:word@a.test/path?q=1#hash'))
      keep(address.searchParams.entries())
      keep(url.urlToHttpOptions(address))
      keep(url.fileURLToPath('file:///plugin/file.txt'))
      keep(url.fileURLToPathBuffer('file:///plugin/file.txt'))`,
  },
  {
    covers: of('util', 'promisify getSystemErrorName getSystemErrorMessage styleText aborted'),
    run: `
      const util = require('util')
      keep(await util.promisify((callback) => callback(null, {}))())
      keep(util.getSystemErrorName(-2))
      keep(util.getSystemErrorMessage(-2))
      keep(util.styleText('red', 'text'))
      const controller = new AbortController()
      const told = util.aborted(controller.signal, {})
      controller.abort()
      keep(await told)`,
  },
  {
    covers: ['stream/consumers.json'],
    run: `keep(await require('stream/consumers').json(require('stream').Readable.from(['{}'])))`,
  },
  {
    covers: of('diagnostics_channel', 'channel subscribe tracingChannel'),
    run: `
      const channels = require('diagnostics_channel')
      channels.subscribe('told', function (...values) { keep(this); keep(values) })
      keep(channels.channel('told')).publish({})
      keep(channels.tracingChannel('traced')).traceSync(() => {}, {})`,
  },
  {
    covers: of('async_hooks', 'AsyncResource'),
    run: `
      const { AsyncResource } = require('async_hooks')
      const resource = keep(new AsyncResource('own'))
      keep(resource.runInAsyncScope(function (...values) { keep(this); return values }, {}, 1))
      keep(resource.bind(() => {}))`,
  },
]
