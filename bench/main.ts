/** npm run bench [-- NAME …] [--json]: every bench in turn; figures are medians of interleaved rounds of one run. */
import { builtins } from './builtins.js'
import { compute } from './compute.js'
import { hostile } from './hostile.js'
import { memory } from './memory.js'
import { policy } from './policy.js'
import { powers } from './powers.js'
import { recovery } from './recovery.js'
import { roundTrip } from './round-trip.js'
import { startUp } from './start-up.js'
import { printTable, type Result } from './stats.js'

const BENCHES: readonly [string, string, () => Promise<readonly Result[]>][] = [
  ['round-trip', 'Round trip of a real call', roundTrip],
  ['start-up', 'Start-up to the first answer', startUp],
  ['recovery', 'Recovery of a plugin that was killed', recovery],
  ['memory', 'Memory of a plugin', memory],
  ['hostile', 'Searches while five plugins attack', hostile],
  ['compute', 'Computations inside a plugin', compute],
  ['powers', 'Files, HTTP and S3 inside a plugin', powers],
  ['builtins', 'Native work through the built-ins', builtins],
  ['policy', 'Decisions by thousands of rules', policy],
]

const asked = process.argv.slice(2).filter((argument) => !argument.startsWith('--'))
const json = process.argv.includes('--json')
const unknown = asked.filter((name) => !BENCHES.some(([known]) => known === name))
if (unknown.length > 0) {
  console.error(`no such bench: ${unknown.join(', ')}; there are ${BENCHES.map(([name]) => name).join(', ')}`)
  process.exit(2)
}
const all: Result[] = []
for (const [name, title, run] of BENCHES) {
  if (asked.length > 0 && !asked.includes(name)) continue
  const results = await run()
  all.push(
    ...results.map((one) => ({
      ...one,
      name: `${name}: ${one.name}`,
      vs: one.vs === null ? null : `${name}: ${one.vs}`,
    })),
  )
  if (!json) printTable(title, results)
}
if (json)
  console.log(
    JSON.stringify({
      bench: asked.length > 0 ? asked.join(' ') : 'all',
      node: process.version,
      results: all,
    }),
  )
