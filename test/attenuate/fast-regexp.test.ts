// split, replace and match with a regular expression give what plain Node gives, whatever the pattern is.
import { runInThisContext } from 'node:vm'
import t from 'tap'
import { startThread } from './thread.js'

const PATTERNS = [
  '/,/ /(,)(;)?/ /[,;]+/g /(?:)/ /(?:)/u /(?:)/gv /x*/ /x*/g /^/ /^/m /$/ /$/gm /\\\\b/ /(?<=,)/ /(?=,)/g /,/y /,/gy /./su /(a)|(b)/g',
  '/(?<name>[a-z])(?<other>\\\\d)?/g /[aeiou]/gi /\\\\s+/ /[\\\\n\\\\r\\\\p{Z}\\\\p{P}]+/u /(.)(.)(.)(.)(.)(.)(.)(.)(.)(.)(.)/ /\\\\ud83d/ /\\\\ud83d/u /a|ab/dg /nomatch/',
].flatMap((line) => line.replaceAll('\\\\', '\\').split(' '))
const TEXTS = [
  '',
  'a',
  ',',
  'a,b;c,,d',
  'xxaxx',
  'Call me, Ishmael.\nSome years',
  'a1b2 c3',
  '😀,😀x',
  'abcdefghijklmnop',
  ',a,',
  '\ud83d,',
]
const LIMITS = ['undefined', '0', '1', '2', '-1', '2 ** 32 + 1', '"2"', 'NaN']
const REPLACEMENTS = [
  '""',
  '"-"',
  '"[$&]"',
  '"$$$1$2"',
  '"$`|$\'"',
  '"$01$10$11$12$99"',
  '"$<name>$<nope>$<"',
  '"$"',
  '"a$"',
  '"$0$x"',
  '7',
  'undefined',
  '(...args) => JSON.stringify(args)',
  '() => "$&"',
  '() => undefined',
]

/** One expression a pattern: every text with every limit and replacement, and the pattern's lastIndex after each. */
function expressionOf(pattern: string): string {
  return `(() => {
    const out = []
    for (const text of ${JSON.stringify(TEXTS)}) {
      for (const limit of [${LIMITS.join()}]) { const p = ${pattern}; p.lastIndex = 1; out.push([text.split(p, limit).map(String), p.lastIndex]) }
      for (const by of [${REPLACEMENTS.join()}]) { const p = ${pattern}; p.lastIndex = 1; out.push([text.replace(p, by), p.lastIndex]) }
      { const p = ${pattern}; p.lastIndex = 1; const m = text.match(p); out.push([m && [...m], m && m.index, m && m.groups, p.lastIndex]) }
      if (${pattern}.global) out.push(text.replaceAll(${pattern}, '<$&>'))
    }
    return JSON.stringify(out)
  })()`
}

t.test('every pattern, text, limit and replacement as in plain Node', async (t) => {
  const thread = await startThread(t)
  for (const pattern of PATTERNS) {
    const expression = expressionOf(pattern)
    t.equal(await thread.value(expression), runInThisContext(expression), pattern)
  }
})

/** Patterns that are more than a pattern: the standard's own steps must be seen. */
const UNUSUAL = [
  'Object.defineProperty(/,/g, "exec", { value: () => null })[Symbol.match]("a,b")',
  '(() => { const p = Object.freeze(/,/g); try { return "a,b".match(p) } catch (e) { return e.name } })()',
  '(() => { const p = /,/g; const text = { toString() { Object.defineProperty(p, "exec", { value: () => null }); return "a,b" } }; return p[Symbol.match](text) })()',
  '(() => { try { return RegExp.prototype[Symbol.match].call({}, "a") } catch (e) { return e.name } })()',
  'Object.defineProperty(/,/, "exec", { value: () => null })[Symbol.split]("a,b")',
  '(() => { class Mine extends RegExp { exec(s) { const m = super.exec(s); if (m) m[0] = "!"; return m } }; return ["a,b".replace(new Mine(","), "[$&]"), "a,b".split(new Mine(","))] })()',
  '(() => { const p = /,/; Object.defineProperty(p, "constructor", { value: { [Symbol.species]: function () { return { exec: () => null, flags: "y", lastIndex: 0 } } } }); return "a,b".split(p) })()',
  '(() => { const p = Object.freeze(/,/g); try { return "a,b".replace(p, "-") } catch (e) { return e.name } })()',
  '(() => { const p = Object.freeze(/,/); return "a,b".replace(p, "-") })()',
  '(() => { const p = /,/g; const text = { toString() { Object.defineProperty(p, "exec", { value: () => null }); return "a,b" } }; return p[Symbol.replace](text, "-") })()',
  '(() => { const p = /,/; return p[Symbol.split]("a,b,c", { valueOf() { Object.defineProperty(p, "exec", { value: () => null }); return 5 } }) })()',
  '(() => { const p = /x/; return p[Symbol.split]({ toString() { Object.defineProperty(p, "flags", { value: "i" }); return "aXb" } }) })()',
  '(() => { const p = /b/g; return "abab".replace(p, () => { p.lastIndex = 99; return "x" }) })()',
  '(() => { try { return RegExp.prototype[Symbol.split].call({}, "a") } catch (e) { return e.name } })()',
  '(() => { try { return RegExp.prototype[Symbol.replace].call(null, "a") } catch (e) { return e.name } })()',
  '(() => { try { return "a".replace(/a/, Symbol("s")) } catch (e) { return e.name } })()',
  '(() => { try { return "a".replace(/a/, () => Symbol("s")) } catch (e) { return e.name } })()',
  '(() => { const log = []; const p = new Proxy(/,/g, { get(t, k) { log.push(String(k)); const v = Reflect.get(t, k, t); return typeof v === "function" ? v.bind(t) : v } }); return ["a,b".replace(p, "-"), log.length > 0] })()',
  '[RegExp.prototype[Symbol.split].length, RegExp.prototype[Symbol.split].name, RegExp.prototype[Symbol.replace].length]',
]

t.test('a pattern that is more than that keeps its meaning', async (t) => {
  const thread = await startThread(t)
  for (const expression of UNUSUAL) {
    t.same(
      await thread.value(expression),
      JSON.parse(JSON.stringify(runInThisContext(expression))),
      expression,
    )
  }
})

t.test('the methods are frozen with the rest and lead nowhere', async (t) => {
  const thread = await startThread(t)
  for (const name of ['split', 'replace']) {
    t.equal(
      await thread.value(
        `Object.isFrozen(RegExp.prototype[Symbol.${name}]) && !('prototype' in RegExp.prototype[Symbol.${name}])`,
      ),
      true,
    )
  }
})
