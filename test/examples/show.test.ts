// `npm start -- --once` ends by itself, exits 0 because every search was answered, and reads well in a pipe.
import t from 'tap'
import { CHAOS_CASES } from '../../examples/search-node/chaos-cases.js'
import { widthOf } from '../../examples/search-node/text-table.js'
import { runMain } from './run-main.js'

t.setTimeout(110_000) // seconds of real misbehaviour; a busy machine takes longer

t.test('the show answers every search while each case runs', async (t) => {
  const { code, stdout, stderr } = await runMain(['--once', '--port', '0'])
  const lines = stdout.split('\n')
  t.equal(code, 0)
  t.equal(stderr, '')
  t.match(stdout, /The node answered ([\d,]+) of \1 searches; worst /)
  for (const { name } of CHAOS_CASES)
    t.ok(
      lines.some((line) => line.trim().startsWith(`${name} `)),
      name,
    )
  t.match(stdout, /0 of 12 attempts got out/)
  t.match(stdout, /out +user_agent +Safari 17\.4/)
  t.match(stdout, /created +letters/)
  t.notOk(stdout.includes('\u001b') || stdout.includes('\r'), 'no colours and no rewritten lines in a pipe')
  t.notMatch(stdout, /^\s+at /m, 'no stack')
  t.same(
    lines.filter((line) => widthOf(line) > 100),
    [],
    'no line over 100 columns',
  )
})

t.test('a command line that means nothing is answered with one line and exit 2', async (t) => {
  t.same(await runMain(['--isolation', 'none']), {
    code: 2,
    stdout: '',
    stderr: '--isolation must be process or thread, got "none"\n',
  })
})

t.test('--help says what there is and starts nothing', async (t) => {
  const { code, stdout } = await runMain(['--help'])
  t.equal(code, 0)
  t.match(stdout, /^Usage: npm start -- /)
  for (const option of ['--once', '--port', '--isolation']) t.match(stdout, option)
})
