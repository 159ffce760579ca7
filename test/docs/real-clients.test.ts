// docs/real-clients.md names the versions that the tests run.
import { readFileSync } from 'node:fs'
import t from 'tap'
import { ROOT } from './pages.js'
import { rowsOf } from './tables.js'

t.test('versions of clients are those that are installed for the tests', async (t) => {
  const { devDependencies } = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')) as {
    readonly devDependencies: Readonly<Record<string, string>>
  }
  const rows = rowsOf('docs/real-clients.md', 'client').filter(([, version = '']) => /^\d/.test(version))
  t.equal(rows.length, 4)
  for (const [names = '', version] of rows) {
    for (const [, name = ''] of names.matchAll(/`([^`]+)`/g)) t.equal(devDependencies[name], version, name)
  }
})
