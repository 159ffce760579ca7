// `npm start -- --once` ends by itself, exits 0 because every search was answered, and reads well in a pipe.
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'
import { widthOf } from '../../examples/search-node/text-table.js'
import { CHAOS_CASES } from '../../examples/search-node/chaos-cases.js'

const root = new URL('../../../', import.meta.url)
const main = fileURLToPath(new URL('dist/examples/search-node/main.js', root))
const run = promisify(execFile)

const { setupPlugins } = (await import(new URL('.ci/start.mjs', root).href)) as { setupPlugins: () => void }
setupPlugins()

for (const isolation of ['process', 'thread']) {
  t.test(`the show ends well with isolation ${isolation}`, async (t) => {
    const { stdout, stderr } = await run(process.execPath, [
      main,
      '--once',
      '--port',
      '0',
      '--isolation',
      isolation,
    ])
    const lines = stdout.split('\n')
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
}

t.test('a command line that means nothing is answered with one line and exit 2', async (t) => {
  await t.rejects(run(process.execPath, [main, '--isolation', 'none']), {
    code: 2,
    stderr: '--isolation must be process or thread, got "none"\n',
  })
})

t.test('--help says what there is and starts nothing', async (t) => {
  const { stdout } = await run(process.execPath, [main, '--help'])
  t.match(stdout, /^Usage: npm start -- /)
  for (const option of ['--once', '--port', '--isolation']) t.match(stdout, option)
})
