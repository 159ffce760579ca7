// A crash report is JSON of bounded size whatever the plugin wrote, and nothing in it steers a terminal.
import t from 'tap'
import { addLine, NO_LINES, type LogTail } from '../../lib/crash/log-tail.js'
import { MOST_REPORT_BYTES, reportText, type CrashReport } from '../../lib/crash/report.js'
import { REPORT } from './a-report.js'

const read = (report: CrashReport): Record<string, unknown> =>
  JSON.parse(reportText(report)) as Record<string, unknown>

t.test('everything is in it, as it was', async (t) => {
  t.same(read(REPORT), REPORT)
  t.same(Object.keys(read(REPORT)), Object.keys(REPORT))
})

t.test('no character steers a terminal, and each comes back', async (t) => {
  const hostile = '\u001b[2J\u0007\u007f\u009b31m\u202e\u2066\u200b\u2028\u2029\ufeff\u{e0001}\n\ud800"\\'
  const text = reportText({ ...REPORT, output: hostile, log: [{ time: '', level: 'info', text: hostile }] })
  // oxlint-disable-next-line no-control-regex -- these are what must not be there
  t.notMatch(text, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]|[\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u)
  t.equal((JSON.parse(text) as CrashReport).output, hostile)
})

t.test('the largest parts go first when it is too large', async (t) => {
  const wide = '\u0001'.repeat(50_000) // six characters each as JSON
  const huge: CrashReport = {
    ...REPORT,
    error: { code: 'PLUGIN_ERROR', message: wide, detail: { stack: wide } },
    output: wide,
    log: Array.from({ length: 50 }, () => ({ time: '', level: 'info', text: wide.slice(0, 1000) })),
    walls: Array.from({ length: 64 }, () => ({ wall: 'w', holds: true, required: true, detail: wide })),
    lastFailure: { beforeMs: 0, kind: 'k', message: wide, stack: wide },
  }
  const text = reportText(huge)
  t.ok(Buffer.byteLength(text) <= MOST_REPORT_BYTES)
  const { without, error, calls } = JSON.parse(text) as Record<string, unknown>
  t.same(without, ['output', 'log', 'walls'])
  t.match(error, { code: 'PLUGIN_ERROR', detail: 'too large' })
  t.same(calls, REPORT.calls)
})

t.test('the last lines of the log, by count and by characters', async (t) => {
  const fill = (count: number, chars: number): LogTail => {
    let tail = NO_LINES
    for (let number = 0; number < count; number++) {
      tail = addLine(tail, { time: '', level: 'info', text: `${number} `.padEnd(chars, '.') })
    }
    return tail
  }
  t.equal(fill(3, 10).lines.length, 3)
  const many = fill(200, 10)
  t.equal(many.lines.length, 50)
  t.match(many.lines.at(-1)?.text, /^199 /)
  const long = fill(200, 5000)
  t.equal(long.lines.length, 16)
  t.equal(long.chars, 16_000)
})
