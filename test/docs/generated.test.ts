// The parts of the documentation that are made from data are what the data make now.
import t from 'tap'
import { PARTS, regenerate } from './generated.js'
import { readPages } from './pages.js'

const marked = readPages().filter(({ text }) => text.includes('<!-- generated: '))

for (const { path, text } of marked) {
  t.test(`${path} is as its data are; npm run docs writes it anew`, async (t) => {
    t.equal(regenerate(text), text)
  })
}

t.test('every part that can be made stands in a page, once', async (t) => {
  const names = marked.flatMap(({ text }) =>
    [...text.matchAll(/^<!-- generated: (.+) -->$/gm)].map(([, name]) => name),
  )
  t.same(new Set(names), new Set(Object.keys(PARTS)))
  t.equal(names.length, Object.keys(PARTS).length)
})

t.test('a part that changed, and one that nobody makes, are found', async (t) => {
  const stale = '<!-- generated: presets -->\n\n| old |\n\n<!-- end -->'
  t.not(regenerate(stale), stale)
  t.equal(regenerate(regenerate(stale)), regenerate(stale))
  t.throws(() => regenerate('<!-- generated: nothing -->\n<!-- end -->'), /nothing generates "nothing"/)
})
