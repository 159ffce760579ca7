// `bulkhead crashes` shows the reports of a directory and one of them, and nothing that stands there besides.
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { reportText } from '../../lib/crash/report.js'
import { REPORT } from '../crash/a-report.js'
import { bulkhead } from './command.js'

const NAME = '20260101T000000.000Z-demo-1.json'
const HOSTILE = '20260102T000000.000Z-demo-2.json'

const dir = mkdtempSync(join(tmpdir(), 'bulkhead-crashes-'))
t.teardown(() => rmSync(dir, { recursive: true }))
writeFileSync(join(dir, NAME), reportText(REPORT))
writeFileSync(
  join(dir, HOSTILE),
  JSON.stringify({
    reportVersion: 1,
    plugin: '\u001b[2Jdemo',
    error: { code: '\u001b[31m', message: 7 },
    log: [{ text: '\u001b[2J' }, {}],
    output: 7,
    lastFailure: { stack: '\u001b[2J' },
  }),
)
writeFileSync(join(dir, '20260103T000000.000Z-demo-4.json'), '{"reportVersion":1,"calls":"none"}')
writeFileSync(join(dir, 'notes.json'), reportText({ ...REPORT, plugin: 'notes' }))
symlinkSync(join(dir, 'notes.json'), join(dir, '20260101T000000.000Z-demo-3.json'))

t.test('all of them', async (t) => {
  const { code, out } = await bulkhead(['crashes', dir])
  t.equal(code, 0)
  t.match(out, /demo +PLUGIN_CRASHED +1\.2 s +GET \/count\/\{id\} +20260101T000000\.000Z-demo-1\.json/)
  t.notMatch(out, /notes|demo-3|demo-4/)
  // oxlint-disable-next-line no-control-regex -- this is what must not be there
  t.notMatch(out, /\u001b/)
  const json = JSON.parse((await bulkhead(['crashes', dir, '--json'])).out) as { readonly reports: object[] }
  t.same(json.reports[0], {
    name: NAME,
    plugin: 'demo',
    version: '1.2.3',
    time: REPORT.time,
    code: 'PLUGIN_CRASHED',
    uptimeMs: 1234,
    unreported: 0,
  })
})

t.test('one of them', async (t) => {
  const { code, out } = await bulkhead(['crashes', dir, NAME])
  t.equal(code, 0)
  for (const part of [
    /PLUGIN_CRASHED {2}demo 1\.2\.3/,
    /SIGKILL/,
    /GET \/count\/\{id\} {2}0\.0 s/,
    /index\.ts:1:2/,
    /info {2}ready/,
    /last words/,
  ]) {
    t.match(out, part)
  }
  t.same(JSON.parse((await bulkhead(['crashes', dir, NAME, '--json'])).out), REPORT)
})

t.test('what is no report is refused', async (t) => {
  for (const name of [
    'notes.json',
    '../notes.json',
    '20260101T000000.000Z-demo-3.json',
    '20260103T000000.000Z-demo-4.json',
    '20260101T000000.000Z-demo-9.json',
  ]) {
    t.equal((await bulkhead(['crashes', dir, name])).code, 2, name)
  }
})

t.test('a file that someone changed is shown as far as it can be', async (t) => {
  const { code, out } = await bulkhead(['crashes', dir, HOSTILE])
  t.equal(code, 0)
  t.match(out, /demo/)
  // oxlint-disable-next-line no-control-regex -- this is what must not be there
  t.notMatch(out, /\u001b/)
})
