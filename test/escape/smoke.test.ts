// Nothing that a plugin reaches leads past its grant: the short run of the escape suite, in both isolations. Each
// case gets what it wants in a bare Node (the control, run here too), and nothing as a plugin. `npm run attack:escape` runs all.
import t from 'tap'
import { CHAPTERS } from './cases/index.js'
import { runBare, runEscapes } from './run-escapes.js'

t.setTimeout(110_000)

const smoke = CHAPTERS.map((chapter) => ({
  ...chapter,
  cases: chapter.cases.filter((one) => one.smoke === true),
}))

t.test('the suite is large enough, and its names are its own', (t) => {
  const names = CHAPTERS.flatMap(({ name, cases }) => cases.map((one) => `${name}: ${one.name}`))
  t.ok(names.length >= 150, `${names.length} cases`)
  t.equal(new Set(names).size, names.length)
  t.ok(smoke.reduce((sum, { cases }) => sum + cases.length, 0) >= 20)
  t.end()
})

// Before any service runs: one takes SIGUSR1 for good, and the control of that case needs it.
for (const chapter of smoke) {
  t.test(`${chapter.name}: a bare Node gives each case what it wants`, async (t) => {
    for (const [index, { name, effects }] of (await runBare(chapter)).entries()) {
      if (chapter.cases[index]?.tame === undefined) t.not(effects.length, 0, `${name}: ${effects.join('; ')}`)
    }
  })
}

for (const chapter of smoke) {
  for (const isolation of ['process', 'thread'] as const) {
    t.test(`${isolation}, ${chapter.name}: a plugin gets nothing`, async (t) => {
      for (const { name, effects } of await runEscapes(chapter, isolation)) t.same(effects, [], name)
    })
  }
}
