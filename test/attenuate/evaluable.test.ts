// Text that only looks like a comment or an import survives as it is; code that is one stays refused.
import t from 'tap'
import { evaluable } from '../../workers/evaluable.js'
import { startThread, type ThreadError } from './thread.js'

/** Literals, and the text they must still stand for. */
const LITERALS: readonly (readonly [string, unknown])[] = [
  [`'<!-- a -->'`, '<!-- a -->'],
  [`"<!-->"`, '<!-->'],
  ['`<!--${1 + 1}-->`', '<!--2-->'],
  [`/<!--(.*?)-->/u.exec('<!--x-->')[1]`, 'x'],
  [`/[!-->]/.test('-')`, true],
  [`'call import("x") here'`, 'call import("x") here'],
  [`'import (a)'`, 'import (a)'],
  ['`import/* c */`', 'import/* c */'],
  [`/\\bimport\\(/.test('import(')`, true],
  [`/(^|;)import\\s*\\(/.test(';import (')`, true],
  [`({ import(x) { return x } }).import(3)`, undefined],
  [`'eval(1)' + (0, eval)('2')`, 'eval(1)2'],
  [`1 /* <!-- import("x") --> */ + 1`, 2],
]

t.test('literals keep their text', async (t) => {
  const thread = await startThread(t)
  for (const [expression, expected] of LITERALS) {
    const value = await thread.value(expression).catch((error: ThreadError) => error)
    if (expected === undefined) t.match(value, { name: 'SyntaxError' }, `${expression}: loud, never silent`)
    else t.equal(value, expected, expression)
  }
})

t.test('text without such sequences is not touched', (t) => {
  for (const text of ['a - -b > c', 'obj.import(x)', 'importantly(x)', 'x.import /* c */', '<! --', ''])
    t.equal(evaluable(text), text)
  t.end()
})

t.test('no HTML-like comment hides code', async (t) => {
  const thread = await startThread(t)
  t.match(
    await thread.evaluate('let a = 1\n<!-- a = 2\nmodule.exports = a').catch((error: ThreadError) => error),
    { name: 'SyntaxError' },
  )
  t.match(
    await thread.evaluate('let a = 1\n--> a = 2\nmodule.exports = a').catch((error: ThreadError) => error),
    { name: 'SyntaxError' },
  )
})
