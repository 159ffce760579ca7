// npm run test:matrix [-- 22 24]: the tests under each supported Node line, brought by the npm package `node`.
// Builds once with this Node; the checks are left out, they do not depend on it. BULKHEAD_LONG makes a few tests
// repeat more often than `npm test` has time for.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from './build.mjs'
import { setupPlugins } from './start.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const LINES = ['20', '22', '24', '26']
const asked = process.argv.slice(2).filter((argument) => LINES.includes(argument))
const rest = process.argv.slice(2).filter((argument) => !LINES.includes(argument))

/** Path of a Node of that line, installed on first use. */
function nodeOf(line) {
  const dir = join(root, '.matrix', line)
  const file = join(dir, 'node_modules/node/bin/node')
  if (!existsSync(file)) {
    mkdirSync(dir, { recursive: true })
    writeFileSync(join(dir, 'package.json'), '{ "private": true }')
    // The package's own install script brings the binary, itself an npm package.
    const installed = spawnSync(
      'npm',
      ['install', '--no-audit', '--no-fund', '--ignore-scripts=false', `node@${line}`],
      {
        cwd: dir,
        stdio: ['ignore', 2, 2],
      },
    )
    if (installed.status !== 0) throw new Error(`npm could not install node@${line}`)
  }
  return file
}

await build()
setupPlugins()
const results = []
for (const line of asked.length > 0 ? asked : LINES) {
  const node = nodeOf(line)
  const version = spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim()
  const tap = spawnSync(node, [join(root, 'node_modules/tap/dist/esm/run.mjs'), '--reporter=tap', ...rest], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { ...process.env, BULKHEAD_LONG: '1', PATH: `${dirname(node)}:${process.env.PATH}` },
  })
  const counts = /^# \{ .* \}$/gm.exec(tap.stdout)?.[0] ?? 'no counts'
  results.push(`${version} ${tap.status === 0 ? 'ok' : 'FAILED'} ${counts}`)
  if (tap.status !== 0)
    console.log(
      tap.stdout
        .split('\n')
        .filter((text) => /^\s*not ok/.test(text))
        .join('\n'),
    )
  console.log(results.at(-1))
}
process.exit(results.every((text) => text.includes(' ok ')) ? 0 : 1)
