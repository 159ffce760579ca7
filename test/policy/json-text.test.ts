// The place of any value of a JSON text can be told, and of nothing that is not there.
import t from 'tap'
import { locate } from '../../lib/policy/json-text.js'

const text = `{
  "a/b": { "~": [1, {"x": null}] },
\t"c": "d"
}`

t.test('a pointer leads to the line and column where its value begins', (t) => {
  const cases: readonly [string, { line: number; column: number } | undefined][] = [
    ['', { line: 1, column: 1 }],
    ['/a~1b', { line: 2, column: 10 }],
    ['/a~1b/~0', { line: 2, column: 17 }],
    ['/a~1b/~0/0', { line: 2, column: 18 }],
    ['/a~1b/~0/1/x', { line: 2, column: 27 }],
    ['/c', { line: 3, column: 7 }],
    ['/d', undefined],
    ['/a~1b/~0/2', undefined],
    ['c', undefined],
  ]
  for (const [pointer, place] of cases) t.same(locate(text, pointer), place, pointer)
  t.end()
})

t.test('text that is no JSON has places up to its fault', (t) => {
  t.same(locate('{"a": 1, "b": }', '/a'), { line: 1, column: 7 })
  t.equal(locate('{"a": 1, "b": }', '/c'), undefined)
  t.equal(locate('', '/a'), undefined)
  t.end()
})
