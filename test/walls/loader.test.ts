// No text leads a plugin to Node's own loader or to a scope that is not its own, whatever the Node knows
// beside `import(…)`; and none of it ends the node.
import t from 'tap'
import { runPlugin } from '../../lib/testing/run-plugin.js'
import type { Isolation } from '../../lib/supervisor/options.js'

/** Texts that are run with `new Function`; the result is what came of them. */
const TEXTS: readonly string[] = [
  'return import("node:fs")',
  'return import.source("file:///etc/passwd")',
  'return import . source("file:///etc/passwd")',
  'return import/**/.source("file:///etc/passwd")',
  'return import.defer("node:fs")',
  'return import.meta',
  'return (() => eval("("))()',
  'return eval("typeof require")',
  'return (0, eval)("import.source(1)")',
  'return new Function("return import.source(1)")()',
]

const SOURCE = `
const texts = ${JSON.stringify(TEXTS)}
const tryAll = async () => {
  const seen = []
  for (const text of texts) {
    try { seen.push([text, 'gave ' + typeof await new Function(text)()]) } catch (error) { seen.push([text, error instanceof SyntaxError]) }
  }
  return seen
}
const young = () => {
  try {
    return new Function('try { { using a = { [Symbol.dispose]() { throw 1 } }; throw 2 } } catch (error) { return error }')()
  } catch { return null }
}
export default {
  rest: [
    { method: 'GET', path: '/texts', handle: async () => ({ body: await tryAll() }) },
    { method: 'GET', path: '/young', handle: () => {
      const error = young()
      if (error === null) return { body: 'not on this Node' }
      const made = error.constructor
      return { body: { frozen: Object.isFrozen(made) && Object.isFrozen(made.prototype), parent: Object.getPrototypeOf(made) === Error } }
    } },
  ],
}`

for (const isolation of ['process', 'thread'] satisfies Isolation[]) {
  t.test(isolation, async (t) => {
    const plugin = await runPlugin({ source: SOURCE, isolation })
    t.teardown(() => plugin.stop())
    const { body } = await plugin.rest({ method: 'GET', path: '/texts' })
    t.same(
      body,
      TEXTS.map((text) => [text, true]),
    )
    const young = (await plugin.rest({ method: 'GET', path: '/young' })).body
    if (young !== 'not on this Node') t.same(young, { frozen: true, parent: true })
    t.equal(plugin.info().restarts, 0)
    await t.rejects(
      runPlugin({ source: `export default { start() { (() => eval('('))() } }`, isolation }),
      { code: /PLUGIN_START_FAILED|BUNDLE_FAILED/ },
      'a direct eval is refused before it runs',
    )
    t.match(await plugin.rest({ method: 'GET', path: '/young' }), { status: 200 }, 'the node goes on')
  })
}
