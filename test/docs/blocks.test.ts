// Every code block of the documentation does what it says: files fit their schema and compile, programs and
// tests run, commands exist, what is said to be printed is printed. A block that nothing checks is a failure.
import t from 'tap'
import { check, faultOf, place, type PageRun } from './check-block.js'
import { readPages } from './pages.js'
import { World } from './world.js'

t.setTimeout(110_000) // 20 s alone on two cores
const world = new World()
t.teardown(() => world.remove())

const pages = readPages()
  .filter(({ blocks }) => blocks.length > 0)
  .map((page) => {
    const directory = page.path.replace(/\W+/g, '-').toLowerCase()
    const run: PageRun = { world, directory, printed: '' }
    world.write(`${directory}/.keep`, '')
    for (const block of page.blocks) if (faultOf(block) === '') place(block, run)
    return { page, run }
  })

t.test('every block says how it is checked', async (t) => {
  for (const { page } of pages) for (const block of page.blocks) t.equal(faultOf(block), '', block.place)
})

t.test('every TypeScript block compiles under strict settings', async (t) => {
  const { code, stdout } = await world.typeCheck()
  t.equal(code, 0, stdout)
})

for (const { page, run } of pages) {
  t.test(page.path, { timeout: 60_000 }, async (t) => {
    for (const block of page.blocks) {
      if (faultOf(block) !== '') continue // a failure above
      t.equal(await check(block, run), '', `${block.place} (${block.kind})`)
    }
  })
}
