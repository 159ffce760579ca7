// docs/errors.md explains every error code once, in the words of the code's own table, and no other code.
import t from 'tap'
import { readFileSync } from 'node:fs'
import { ERROR_CODES } from '../../lib/errors.js'
import { ROOT } from './pages.js'

const rows = [...readFileSync(`${ROOT}docs/errors.md`, 'utf8').matchAll(/^\| `([A-Z_]+)` \|(.*)\|$/gm)].map(
  ([, code = '', rest = '']) => ({ code, cells: rest.split(' | ').map((cell) => cell.trim()) }),
)

t.test('the page has the codes of the table, each once', async (t) => {
  t.same(rows.map(({ code }) => code).sort(), Object.keys(ERROR_CODES).sort())
})

t.test('each meaning is the sentence of the code, and cause and remedy are there', async (t) => {
  for (const { code, cells } of rows) {
    const [meaning, ...more] = cells
    t.equal(meaning, (ERROR_CODES as Readonly<Record<string, string>>)[code], code)
    t.ok(more.length === 2 && more.every((cell) => cell.length > 3), `${code}: a cause and what to do`)
  }
})
