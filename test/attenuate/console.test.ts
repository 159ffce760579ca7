// Logging any value gives a short text, quickly, and runs no code of the value.
import t from 'tap'
import { startThread } from './thread.js'

const ORDINARY: readonly (readonly [string, string, string])[] = [
  ['console.log("a", 1, { b: [true, null] })', 'info', 'a 1 { b: [ true, null ] }'],
  [
    'console.info("%s is %d%% of %j %o %i %f %c.", "x", 50, { a: 1 }, [1], "7.9", "1.5", "css")',
    'info',
    'x is 50% of { a: 1 } [ 1 ] 7 1.5 .',
  ],
  ['console.warn(new Map([["k", new Set([1])]]))', 'warn', "Map(1) { 'k' => Set(1) { 1 } }"],
  [
    'console.error(undefined, null, -0, 10n, Symbol("s"), () => {}, function named() {}, class A {})',
    'error',
    'undefined null -0 10n Symbol(s) [Function (anonymous)] [Function: named] [Function: A]',
  ],
  [
    'console.debug(new Date(0), /a"b/gi, new (class Point { x = 1 })(), Object.create(null))',
    'debug',
    '1970-01-01T00:00:00.000Z /a"b/gi Point { x: 1 } [Object: null prototype] {}',
  ],
  ['console.log([1, , 3], new Uint8Array(2), [])', 'info', '[ 1, <empty>, 3 ] Uint8Array [ 0, 0 ] []'],
  [
    'console.log({ a: { b: { c: { d: { e: 1 } } } } }, [[[[[1]]]]])',
    'info',
    '{ a: { b: { c: { d: [Object] } } } } [ [ [ [ [Array] ] ] ] ]',
  ],
  ['console.log("100%", "%d")', 'info', '100% %d'],
  ['console.log()', 'info', ''],
  ['console.assert(1 === 2, "math", 3)', 'error', 'Assertion failed: math 3'],
  ['console.count("c")', 'info', 'c: 1'],
  ['console.dir({ a: 1 }, { depth: 0 })', 'info', '{ a: 1 }'],
  ['console.timeEnd("never started")', 'warn', "No such label 'never started'"],
  ['(console.group("g"), console.log("inside"), console.groupEnd())', 'info', 'g'],
  ['process.stdout.write("line\\n")', 'info', 'line'],
]

t.test('ordinary values read as a person expects', async (t) => {
  const thread = await startThread(t)
  for (const [expression, level, text] of ORDINARY) {
    await thread.value(`void ${expression}`)
    t.same((await thread.logs())[0], [level, text], expression)
  }
})

t.test('an error shows its code, its cause and where it was made', async (t) => {
  const thread = await startThread(t)
  await thread.evaluate(
    `\nfunction inner() { console.error(Object.assign(new TypeError('bad', { cause: new Error('root') }), { code: 'E_BAD' })) }\ninner()`,
  )
  const [line] = await thread.logs()
  t.match(line?.[1], /^TypeError: bad \[E_BAD\]\n\s+at inner \(bulkhead-plugin\/test-plugin\.js:3:/)
  t.match(line?.[1], /cause: Error: root$/)
})

/** Each makes a value that would be slow, throw, or run code if it were formatted carelessly. */
const BOMBS: Readonly<Record<string, string>> = {
  'a getter that throws': '({ get a() { globalThis.ran = true; throw new Error("ran") } })',
  'a proxy with traps':
    'new Proxy({}, { get() { globalThis.ran = true }, ownKeys() { globalThis.ran = true; return [] }, getPrototypeOf() { globalThis.ran = true; return null } })',
  'a proxied function': 'new Proxy(function () {}, { get() { globalThis.ran = true } })',
  'a proxy as prototype':
    'Object.create(new Proxy({}, { get() { globalThis.ran = true }, getOwnPropertyDescriptor() { globalThis.ran = true } }))',
  'a toString, toJSON, inspect and toPrimitive':
    '({ toString() { globalThis.ran = true }, toJSON() { globalThis.ran = true }, [Symbol.for("nodejs.util.inspect.custom")]() { globalThis.ran = true }, [Symbol.toPrimitive]() { globalThis.ran = true } })',
  'an error with a hostile stack':
    'Object.defineProperty(new Error("x"), "stack", { get() { globalThis.ran = true } })',
  'an error with hostile parts':
    'Object.defineProperties(new Error("x"), Object.fromEntries(["name", "message", "code", "cause"].map((k) => [k, { get() { globalThis.ran = true } }])))',
  'a class with a hostile name':
    '(() => { class A { static get name() { globalThis.ran = true } }; return new A() })()',
  'a map with hostile iteration':
    'Object.assign(new (class extends Map { *[Symbol.iterator]() { globalThis.ran = true } entries() { globalThis.ran = true } get size() { globalThis.ran = true } })([[1, 2]]))',
  'a date with hostile methods':
    'Object.defineProperties(new Date(NaN), { toISOString: { value() { globalThis.ran = true } }, getTime: { value() { globalThis.ran = true } } })',
  'a regex with hostile flags':
    'Object.defineProperties(/x/, { flags: { get() { globalThis.ran = true } }, source: { get() { globalThis.ran = true } } })',
  'a cycle': '(() => { const a = { b: [] }; a.b.push(a); return a })()',
  'a deep list': '(() => { let a = []; for (let i = 0; i < 100000; i++) a = [a]; return a })()',
  'a wide tree':
    '(() => { const leaf = Array(50).fill(0); const mid = Array(50).fill(leaf); return Array(50).fill(Array(50).fill(mid)) })()',
  'a huge string': '"x".repeat(2 ** 25)',
  'a string of format marks': '"%s".repeat(2 ** 20)',
  'a huge sparse array': '(() => { const a = []; a.length = 2 ** 32 - 1; return a })()',
  'a huge typed array': 'new Uint8Array(2 ** 24)',
  'a typed array with a hostile length':
    'Object.defineProperty(new Uint8Array(2), "length", { get() { globalThis.ran = true } })',
  'a huge bigint': '2n ** 5000000n',
  'a huge symbol': 'Symbol("s".repeat(2 ** 24))',
  'many keys': 'Object.fromEntries(Array.from({ length: 20000 }, (_, i) => ["k" + i, i]))',
  'a chain of causes':
    '(() => { let e = new Error("end"); for (let i = 0; i < 10000; i++) e = new Error("link", { cause: e }); return e })()',
  'a revoked proxy':
    '(() => { const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return proxy })()',
  'a module namespace of nothing': 'Object.freeze(Object.create(null))',
}

t.test('no value is a bomb', async (t) => {
  const thread = await startThread(t)
  for (const [name, expression] of Object.entries(BOMBS)) {
    const took = await thread.value(`(() => {
      globalThis.ran = false
      const value = ${expression}
      const start = Date.now()
      console.log('text', value); console.log(value, value); console.error('%s %d %i %j %o', value, value, value, value, value)
      return [globalThis.ran, Date.now() - start < 5000]
    })()`)
    t.same(took, [false, true], `${name}: no code of it ran, and it took no five seconds`)
    const logs = await thread.logs()
    t.equal(logs.length, 3, name)
    t.ok(
      logs.every(([, text]) => text.length <= 16_384),
      `${name}: bounded text`,
    )
  }
})

t.test('a full stack is no reason to throw anything but its own overflow', async (t) => {
  const thread = await startThread(t)
  t.equal(
    await thread.value(`(() => {
      const seen = new Set()
      const dig = () => { try { console.log({ a: 1 }) } catch (e) { seen.add(e.constructor.name) } dig() }
      try { dig() } catch (e) { seen.add(e.constructor.name) }
      return [...seen].join()
    })()`),
    'RangeError',
  )
  await thread.logs()
  await thread.value('console.log("still here")')
  t.same((await thread.logs())[0], ['info', 'still here'])
})

t.test('labels and groups are bounded', async (t) => {
  const thread = await startThread(t)
  await thread.value(
    '(() => { for (let i = 0; i < 5000; i++) { console.count("l" + i); console.time("l" + i); console.group() } console.log("deep") })()',
  )
  const logs = await thread.logs()
  t.ok((logs.at(-1)?.[1].length ?? 0) < 100, 'a group 5000 deep is not indented 10,000 columns')
})
