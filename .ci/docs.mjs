// npm run docs: writes the parts of the documentation that are made from data anew.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from './build.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
await build()
const load = (path) => import(pathToFileURL(join(root, 'dist/test/docs', path)).href)
const { readPages } = await load('pages.js')
const { regenerate } = await load('generated.js')
for (const { path, text } of readPages()) {
  const now = regenerate(text)
  if (now === text) continue
  writeFileSync(join(root, path), now)
  console.log(`written: ${path}`)
}
