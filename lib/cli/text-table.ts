/** Rows as aligned columns, and sentences as lines, for people. Pure. */

// oxlint-disable-next-line no-control-regex -- colours are control characters; they take no column
const COLOUR = /\u001b\[\d+m/g

/** Columns that a text takes on a terminal. */
export function widthOf(text: string): number {
  return Array.from(text.replace(COLOUR, '')).length
}

/**
 * Aligned rows, the titles first. The last column takes what is left of `width` and
 * goes on below itself; no line ends in a space.
 * @param width - columns of the terminal
 */
export function table(
  titles: readonly string[],
  rows: readonly (readonly string[])[],
  width: number,
): readonly string[] {
  const last = titles.length - 1
  const all = [titles, ...rows]
  const widths = titles.map((_, column) => Math.max(...all.map((row) => widthOf(row[column] ?? ''))))
  const before = widths.slice(0, last).reduce((sum, each) => sum + each + 2, 0)
  const room = Math.max(20, width - before)
  return all.flatMap((row) => {
    const start = row
      .slice(0, last)
      .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - widthOf(cell) + 2))
      .join('')
    const [first = '', ...more] = wrap(row[last] ?? '', room)
    return [start + first, ...more.map((line) => ' '.repeat(before) + line)].map((line) => line.trimEnd())
  })
}

/** Lines of at most `width` columns, broken between words; a longer word has a line to itself. */
export function wrap(text: string, width: number): readonly string[] {
  return text.split('\n').flatMap((paragraph) => {
    const lines: string[] = []
    let line = ''
    for (const word of paragraph.split(' ')) {
      const longer = line === '' ? word : `${line} ${word}`
      if (widthOf(longer) <= width || line === '') {
        line = longer
      } else {
        lines.push(line)
        line = word
      }
    }
    return [...lines, line]
  })
}

/** `wrap`, each line behind `indent`. */
export function indented(text: string, indent: string, width: number): readonly string[] {
  return wrap(text, width - widthOf(indent)).map((line) => (indent + line).trimEnd())
}
