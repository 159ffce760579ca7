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
    covers: of('events', 'once getEventListeners'),
    run: `
      const { EventEmitter, once, getEventListeners } = require('events')
      const emitter = new EventEmitter()
      const promise = once(emitter, 'told')
      keep(getEventListeners(emitter, 'told'))
      emitter.emit('told', {})
      keep(await promise)`,
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
    covers: ['url.URL', 'url.fileURLToPath', 'url.urlToHttpOptions'],
    run: `
      const url = require('url')
      const address = keep(new url.URL('http://user:word@a.test/path?q=1#hash'))
      keep(address.searchParams.entries())
      keep(url.urlToHttpOptions(address))
      keep(url.fileURLToPath('file:///plugin/file.txt'))`,
  },
  {
    covers: ['util.promisify'],
    run: `keep(await require('util').promisify((callback) => callback(null, {}))())`,
  },
]
