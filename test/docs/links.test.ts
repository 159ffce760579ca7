// What the documentation points at is there: files, headings, and every path of this repository it names.
import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import t from 'tap'
import { readPages, ROOT, parsePage } from './pages.js'

/** Top-level names that make a text between backticks a path of this repository. */
const TOP = /^(lib|workers|test|docs|examples|bench|\.ci)\/[\w./-]*[\w/]$/

const EXAMPLE = 'examples/search-node/README.md'
const pages = [...readPages(), parsePage(EXAMPLE, readFileSync(ROOT + EXAMPLE, 'utf8'))]

t.test('links inside the repository lead somewhere', async (t) => {
  for (const page of pages) {
    for (const { place, target } of page.links) {
      if (/^https?:/.test(target)) continue
      const [path = '', anchor] = target.split('#')
      const file = path === '' ? page.path : normalize(join(dirname(page.path), path))
      if (!t.ok(existsSync(join(ROOT, file)), `${place} -> ${target}`) || anchor === undefined) continue
      const anchors = statSync(join(ROOT, file)).isFile()
        ? parsePage(file, readFileSync(join(ROOT, file), 'utf8')).anchors
        : new Set<string>()
      t.ok(anchors.has(anchor), `${place} -> ${target}: the heading is there`)
    }
  }
})

t.test('paths named in text are there', async (t) => {
  const named = pages.flatMap(({ codeSpans }) => codeSpans).filter(({ target }) => TOP.test(target))
  t.ok(named.length > 20, 'the pages name paths')
  for (const { place, target } of named) t.ok(existsSync(join(ROOT, target)), `${place}: ${target}`)
})
