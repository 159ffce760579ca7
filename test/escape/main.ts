/**
 * `npm run attack:escape`: every case in both isolations, and in a bare Node as the
 * control. Prints a table and what got out; exit code 1 when something did, or when a
 * case shows nothing where no wall stands and so proves nothing.
 */
import { parseArgs } from 'node:util'
import { CHAPTERS } from './cases/index.js'
import type { Chapter } from './escape-case.js'
import { runBare, runEscapes, type Outcome } from './run-escapes.js'

const { values } = parseArgs({
  options: {
    chapter: { type: 'string' },
    json: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
  },
})
const chapters = CHAPTERS.filter(({ name }) => values.chapter === undefined || name === values.chapter)
if (chapters.length === 0) {
  console.error(`there is no chapter '${values.chapter}': ${CHAPTERS.map(({ name }) => name).join(', ')}`)
  process.exit(2)
}

const WAYS = ['bare', 'process', 'thread'] as const
type Way = (typeof WAYS)[number]
const run = (way: Way, chapter: Chapter): Promise<readonly Outcome[]> =>
  way === 'bare' ? runBare(chapter) : runEscapes(chapter, way)

const results: { readonly way: Way; readonly tame: boolean; readonly outcome: Outcome }[] = []
// The control first: a service takes SIGUSR1 for good, and one case needs it there.
for (const way of WAYS) {
  for (const chapter of chapters) {
    const outcomes = await run(way, chapter)
    for (const [index, outcome] of outcomes.entries()) {
      results.push({ way, tame: chapter.cases[index]?.tame !== undefined, outcome })
      if (values.verbose) console.error(`${way} ${chapter.name}: ${outcome.name}: ${outcome.answer}`)
    }
    const out = outcomes.filter(({ effects }) => effects.length > 0).length
    const where = way === 'bare' ? 'a bare Node' : `isolation '${way}'`
    if (!values.json) console.log(`${chapter.name}: ${out} of ${outcomes.length} got out of ${where}`)
  }
}

const wrong = results.filter(({ way, tame, outcome: { effects } }) =>
  way === 'bare' ? effects.length === 0 && !tame : effects.length > 0,
)
const cases = results.filter(({ way }) => way === 'bare')
const open = cases.filter(({ outcome }) => outcome.effects.length > 0)
if (values.json) {
  console.log(
    JSON.stringify(
      results.map(({ way, tame, outcome }) => ({ way, tame, ...outcome })),
      null,
      2,
    ),
  )
} else {
  for (const { way, outcome } of wrong) {
    const what = outcome.effects.length === 0 ? 'shows nothing without walls' : outcome.effects.join('; ')
    console.log(`${way}  ${outcome.chapter}: ${outcome.name}: ${what}`)
  }
  console.log(
    `${cases.length} cases, ${open.length} get out of a bare Node, ${wrong.length === 0 ? 'none got out of a plugin' : `${wrong.length} wrong`}`,
  )
}
process.exitCode = wrong.length === 0 ? 0 : 1
