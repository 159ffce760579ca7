// What the show prints is made for people: aligned, at most 100 columns, colours only where they show.
import t from 'tap'
import { percentile, summarise } from '../../examples/search-node/latency.js'
import { parseOptions } from '../../examples/search-node/options.js'
import { duration, makeTerminal, withCommas, type Output } from '../../examples/search-node/terminal.js'
import { clip, textTable, widthOf } from '../../examples/search-node/text-table.js'

const ESCAPE = '\u001b'

function recorder(isTTY: boolean): Output & { readonly written: string[] } {
  const written: string[] = []
  return { isTTY, columns: 200, written, write: (text) => written.push(text) }
}

t.test('colours appear only on a terminal and not with NO_COLOR', async (t) => {
  const cases = [
    { isTTY: true, noColor: undefined, coloured: true },
    { isTTY: true, noColor: '', coloured: true },
    { isTTY: true, noColor: '1', coloured: false },
    { isTTY: false, noColor: undefined, coloured: false },
  ]
  for (const { isTTY, noColor, coloured } of cases) {
    const output = recorder(isTTY)
    const { paint, step, table } = makeTerminal(output, noColor)
    step(paint.good('fine'))
    table([{ title: 'name' }], [['chaos']])
    t.equal(output.written.join('').includes(ESCAPE), coloured, JSON.stringify({ isTTY, noColor }))
  }
})

t.test('no line is wider than 100 columns, however wide the terminal', async (t) => {
  const output = recorder(true)
  const { line, paint, table } = makeTerminal(output, '')
  line('x'.repeat(300))
  line(paint.good('y'.repeat(300)))
  table([{ title: 'reason' }], [['z'.repeat(300)]])
  for (const written of output.written) t.ok(widthOf(written.trimEnd()) <= 100, written.slice(0, 20))
})

t.test('progress rewrites one line on a terminal and says quarters elsewhere', async (t) => {
  const terminal = recorder(true)
  const pipe = recorder(false)
  for (const output of [terminal, pipe]) {
    const { progress } = makeTerminal(output, '')
    for (let done = 10; done <= 1000; done += 10) progress('passages', done, 1000)
  }
  t.equal(terminal.written.join('').split('\n').length, 2, 'one line, ended once')
  t.same(
    pipe.written.map((line) => line.trim()),
    ['25 %', '50 %', '75 %', '100 %'].map(
      (share, quarter) => `${share}  ${withCommas((quarter + 1) * 250)} of 1,000 passages`,
    ),
  )
})

t.test('a table aligns its columns, clips long cells and leaves no space at the end', async (t) => {
  const columns = [{ title: 'name', maxWidth: 6 }, { title: 'heap', align: 'right' }, { title: '' }] as const
  t.same(
    textTable(columns, [
      ['a', '9', ''],
      ['long-name', '1234', 'x'],
    ]),
    ['name    heap', 'a          9', 'long-…  1234  x'],
  )
  t.equal(clip(`${ESCAPE}[32mgood${ESCAPE}[0m`, 4), `${ESCAPE}[32mgood${ESCAPE}[0m`, 'colours take no column')
})

t.test('numbers carry their unit', async (t) => {
  const cases = [
    [0.123, '0.12 ms'],
    [1.26, '1.3 ms'],
    [12.4, '12 ms'],
    [999, '999 ms'],
    [1250, '1.25 s'],
  ] as const
  for (const [ms, text] of cases) t.equal(duration(ms), text)
  t.same([0, 999, 1000, 1_234_567].map(withCommas), ['0', '999', '1,000', '1,234,567'])
})

t.test('percentiles are samples that happened, by nearest rank', async (t) => {
  const hundred = Array.from({ length: 100 }, (_, position) => position + 1)
  t.equal(percentile(hundred, 0.5), 50)
  t.equal(percentile(hundred, 0.99), 99)
  t.equal(percentile([7], 0.99), 7)
  t.equal(percentile([], 0.5), 0)
})

t.test('a summary counts the span asked for, and a search without an answer is none', async (t) => {
  const samples = [
    { atMs: 1, tookMs: 5, status: 200 },
    { atMs: 2, tookMs: 9, status: 503 },
    { atMs: 3, tookMs: 3000, status: 0 },
    { atMs: 4, tookMs: 1, status: 200 },
  ]
  t.same(summarise(samples, 1, 4), { searches: 3, answered: 1, p50Ms: 9, p99Ms: 3000, maxMs: 3000 })
  t.equal(summarise(samples).searches, 4)
})

t.test('the command line is read, and what it cannot mean is said', async (t) => {
  t.same(parseOptions([]), { once: false, help: false, isolation: 'process', ports: [9200, 0] })
  t.same(parseOptions(['--once', '--port', '0', '--isolation', 'thread']), {
    once: true,
    help: false,
    isolation: 'thread',
    ports: [0],
  })
  const bad = [
    [['--port', '70000'], /--port .* 0 to 65535, got "70000"/],
    [['--port', 'x'], /--port .* got "x"/],
    [['--port='], /--port/],
    [['--isolation', 'none'], /--isolation must be process or thread, got "none"/],
    [['--onec'], /--onec/],
  ] as const
  for (const [args, message] of bad) t.throws(() => parseOptions(args), { message }, args.join(' '))
})
