/** Tables of the documentation, for tests that hold them against the code. */
import { readFileSync } from 'node:fs'
import { ROOT } from './pages.js'

/** Rows of the first table whose header begins with `first`, cells trimmed; none when there is no such table. */
export function rowsOf(path: string, first: string): readonly (readonly string[])[] {
  const lines = readFileSync(ROOT + path, 'utf8').split('\n')
  const at = lines.findIndex((line) => line.startsWith(`| ${first} |`))
  if (at === -1) return []
  const end = lines.findIndex((line, index) => index > at && !line.startsWith('|'))
  return lines.slice(at + 2, end).map((line) =>
    line
      .slice(1, -1)
      .split(' | ')
      .map((cell) => cell.trim()),
  )
}

/** The names between backticks in its first column, without parentheses. */
export function namesIn(path: string, first: string): readonly string[] {
  return rowsOf(path, first).flatMap(([cell = '']) =>
    [...cell.matchAll(/`(\w[\w.]*)[^`]*`/g)].map(([, name = '']) => name),
  )
}
