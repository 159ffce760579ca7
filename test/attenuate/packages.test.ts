// Packages as they come from npm load and work in a compartment; what a compartment costs is printed.
import { createRequire } from 'node:module'
import { runInThisContext } from 'node:vm'
import t from 'tap'
import { bundlePackage, startThread } from './thread.js'

/** Source of a plugin -> the JSON it must export. */
const PACKAGES: Readonly<Record<string, readonly [string, unknown]>> = {
  minisearch: [
    `import MiniSearch from 'minisearch'
     const index = new MiniSearch({ fields: ['text'] })
     index.addAll([{ id: 1, text: 'call me ishmael' }, { id: 2, text: 'the white whale' }])
     export default index.search('whales', { fuzzy: 0.3 }).map((hit) => hit.id)`,
    [2],
  ],
  lunr: [
    `import lunr from 'lunr'
     const index = lunr(function () { this.field('text'); this.add({ id: 'a', text: 'running whales' }) })
     export default index.search('whale').map((hit) => hit.ref)`,
    ['a'],
  ],
  ajv: [
    `import Ajv from 'ajv'
     const check = new Ajv().compile({ type: 'object', properties: { a: { type: 'integer' } }, required: ['a'] })
     export default [check({ a: 1 }), check({ a: 'x' }), check.errors[0].keyword]`,
    [true, false, 'type'],
  ],
  semver: [
    `import { satisfies, maxSatisfying } from 'semver'\nexport default [satisfies('3.2.0', '^3.0.0'), maxSatisfying(['1.0.0', '1.2.0'], '1')]`,
    [true, '1.2.0'],
  ],
  eventemitter3: [
    `import { EventEmitter } from 'eventemitter3'
     const e = new EventEmitter(); let n = 0
     e.on('x', (by) => { n += by }); e.emit('x', 2); e.emit('x', 3)
     export default n`,
    5,
  ],
  stemmer: [
    `import { stemmer } from 'stemmer'\nexport default ['whales', 'running', 'considerations'].map((word) => stemmer(word))`,
    ['whale', 'run', 'consider'],
  ],
  'readable-stream, buffer, util as Node names': [
    `import { Readable } from 'node:stream'
     import { inherits, promisify } from 'util'
     import path from 'path'
     export default async () => {
       const parts = []
       for await (const part of Readable.from([Buffer.from('a'), Buffer.from('b')])) parts.push(part.toString())
       await promisify(setTimeout)(1)
       return [parts.join(path.sep), typeof inherits]
     }`,
    ['a/b', 'function'],
  ],
  'code that assigns over inherited names': [
    `function Animal() {}
     Animal.prototype.toString = function () { return 'animal' }
     Animal.prototype.constructor = Animal
     function Failure() { this.name = 'Failure'; this.message = 'm' }
     Failure.prototype = Object.create(Error.prototype)
     Failure.prototype.constructor = Failure
     Failure.prototype.name = 'Failure'
     const o = {}; o.hasOwnProperty = 1; o.toString = 2
     class Sub extends Error { constructor(m) { super(m); this.name = 'Sub' } }
     export default [String(new Animal()), new Failure() instanceof Error, o.toString, new Sub('x').name]`,
    ['animal', true, 2, 'Sub'],
  ],
}

t.test('packages work', async (t) => {
  const thread = await startThread(t)
  for (const [name, [source, expected]] of Object.entries(PACKAGES)) {
    t.same(await thread.evaluate(await bundlePackage(source)), expected, name)
  }
})

/** Loops of the kind a search plugin runs; each gives its milliseconds of CPU. */
const LOADS: Readonly<Record<string, string>> = {
  'globals in a loop':
    'let n = 0; for (let i = 0; i < 3e6; i++) n += Math.floor(Number(i) / 2) + Array.isArray(i)',
  'regex split': 'let n = 0; for (let i = 0; i < 300; i++) n += text.split(/[\\n\\r\\p{Z}\\p{P}]+/u).length',
  'string split': 'let n = 0; for (let i = 0; i < 3000; i++) n += text.split(" ").length',
  'regex replace': 'let n = 0; for (let i = 0; i < 500; i++) n += text.replace(/[aeiou]/g, "").length',
  sort: 'for (let i = 0; i < 5; i++) Array.from({ length: 1e5 }, (_, j) => (j * 7919) % 100003).sort((a, b) => a - b)',
  'map counts':
    'const m = new Map(); for (let i = 0; i < 300; i++) for (const w of words) m.set(w, (m.get(w) ?? 0) + 1)',
  'object keys':
    'let n = 0; for (let i = 0; i < 3e5; i++) { const o = { a: i, b: 2 }; for (const k of Object.keys(o)) n += o[k] }',
  'class and closures':
    'class P { constructor(x) { this.x = x } add(o) { return new P(this.x + o.x) } }; let p = new P(0); const one = new P(1); for (let i = 0; i < 5e6; i++) p = p.add(one)',
  'JSON round trip':
    'let n = 0; const o = { words, text }; for (let i = 0; i < 2000; i++) n += JSON.parse(JSON.stringify(o)).text.length',
  'Buffer utf8': 'let n = 0; for (let i = 0; i < 5000; i++) n += Buffer.from(text).toString("utf8").length',
  'Buffer base64':
    'let n = 0; for (let i = 0; i < 500; i++) n += Buffer.from(Buffer.from(text).toString("base64"), "base64").length',
  EventEmitter:
    'const E = require("events"); const e = new E(); let n = 0; e.on("x", (v) => { n += v }); for (let i = 0; i < 2e6; i++) e.emit("x", i)',
}
const PRELUDE =
  'const text = "Call me Ishmael. Some years ago - never mind how long precisely - having little money ".repeat(40); const words = text.split(" "); '

t.test('what a compartment costs, printed for people', async (t) => {
  const thread = await startThread(t, { timers: 10 })
  const rows: string[] = []
  const require = createRequire(import.meta.url)
  for (const [name, load] of Object.entries(LOADS)) {
    const timed = `${PRELUDE}const run = () => { ${load} }; run(); const best = []; for (let i = 0; i < 3; i++) { const start = Date.now(); run(); best.push(Date.now() - start) } return Math.min(...best)`
    const inside = (await thread.evaluate(`module.exports = (() => { ${timed} })()`)) as number
    const plain = (runInThisContext(`(function (require) { ${timed} })`) as (load: unknown) => number)(
      require,
    )
    rows.push(
      `${name.padEnd(22)} ${String(inside).padStart(6)} ms  plain ${String(plain).padStart(6)} ms  ${(inside / Math.max(plain, 1)).toFixed(2)}x`,
    )
  }
  const timing = (await thread.send({ kind: 'trusted', code: 'timing' })) as Readonly<Record<string, number>>
  rows.push(
    `thread up in ${thread.startMs.toFixed(0)} ms; ${Object.entries(timing)
      .map(([step, ms]) => `${step} ${ms.toFixed(1)} ms`)
      .join(', ')}`,
  )
  for (const row of rows) t.comment(row)
  t.equal(rows.length, Object.keys(LOADS).length + 1)
})
