// Colours come only to people who look and have not refused them; tables fit; text of plugins stays text.
import t from 'tap'
import { plain, plainJson, plainLine } from '../../lib/cli/plain.js'
import { makeTerminal } from '../../lib/cli/terminal.js'
import { table, widthOf, wrap } from '../../lib/cli/text-table.js'

function written(isTTY: boolean, besideTTY: boolean, noColor?: string): string {
  let text = ''
  const write = (part: string): void => void (text += part)
  const terminal = makeTerminal({ isTTY, write }, { isTTY: besideTTY, write }, noColor)
  terminal.line(terminal.red('x'))
  return text
}

t.test('colours', async (t) => {
  const red = '\u001b[31mx\u001b[0m\n'
  t.equal(written(true, true), red, 'on a terminal')
  t.equal(written(true, true, ''), red, 'an empty NO_COLOR refuses nothing')
  t.equal(written(true, true, '1'), 'x\n', 'not under NO_COLOR')
  t.equal(written(false, true), 'x\n', 'not into a pipe')
  t.equal(written(true, false), 'x\n', 'not when errors go to a file')
})

t.test('a table aligns by what is seen, and its last column goes on below itself', async (t) => {
  const rows = [
    ['\u001b[32mok\u001b[0m', 'a sentence that is too long for its line'],
    ['failed', 'short'],
  ]
  t.same(table(['state', 'why'], rows, 32), [
    'state   why',
    '\u001b[32mok\u001b[0m      a sentence that is too',
    '        long for its line',
    'failed  short',
  ])
})

t.test('wrapping keeps words whole and line feeds where they are', async (t) => {
  t.same(wrap('one two\nthree-is-long four', 8), ['one two', 'three-is-long', 'four'])
  t.equal(widthOf('\u001b[1mä€\u001b[0m'), 2)
})

t.test('a JSON document steers no terminal and says the same', async (t) => {
  const value = { 'k\u009b2J': ['a\u202eb', 'c\nd\u001b[0m', 'ä€🙂'] }
  const text = plainJson(value)
  for (const character of ['\u009b', '\u202e', '\u001b']) t.notOk(text.includes(character))
  t.same(JSON.parse(text), value)
})

t.test('characters that steer a terminal are shown, not sent', async (t) => {
  for (const [text, shown] of [
    ['a\u001b[2Jb', 'a\\x1b[2Jb'],
    ['a\rb', 'a\\x0db'],
    ['a\u009b31mb', 'a\\x9b31mb'],
    ['a\u202eb', 'a\\u202eb'],
    ['a\tb\r\nc', 'a\tb\nc'],
    ['ä€🙂', 'ä€🙂'],
  ] as const) {
    t.equal(plain(text), shown)
  }
  t.equal(plainLine('a\n\tb'), 'a  b')
})
