/** Rows as a text table with aligned columns, for `_cat` routes and for the terminal. Pure. */
export interface Column {
  readonly title: string
  readonly align?: 'left' | 'right'
  /** Longer cells end in an ellipsis. */
  readonly maxWidth?: number
}

// oxlint-disable-next-line no-control-regex -- terminal colours are control characters
const COLOUR = /\u001b\[\d+m/g

/** Columns that a text takes on a terminal: colours take none. */
export function widthOf(text: string): number {
  return Array.from(text.replace(COLOUR, '')).length
}

export function clip(text: string, maxWidth: number): string {
  return widthOf(text) <= maxWidth
    ? text
    : `${Array.from(text.replace(COLOUR, ''))
        .slice(0, maxWidth - 1)
        .join('')}…`
}

/** One line a row, the titles first; no space at the end of a line. */
export function textTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): readonly string[] {
  const all = [columns.map(({ title }) => title), ...rows].map((row) =>
    columns.map(({ maxWidth = Infinity }, position) => clip(row[position] ?? '', maxWidth)),
  )
  const widths = columns.map((_, position) => Math.max(...all.map((row) => widthOf(row[position] ?? ''))))
  return all.map((row) =>
    row
      .map((cell, position) => {
        const padding = ' '.repeat((widths[position] ?? 0) - widthOf(cell))
        return columns[position]?.align === 'right' ? padding + cell : cell + padding
      })
      .join('  ')
      .trimEnd(),
  )
}

/** A text in lines of at most `width` columns, broken between words where there are some. */
export function wrap(text: string, width: number): readonly string[] {
  const [first = '', ...words] = text.split(' ')
  const lines: string[] = []
  let line = first
  for (const word of words) {
    const longer = `${line} ${word}`
    if (widthOf(longer) <= width) {
      line = longer
      continue
    }
    lines.push(line)
    line = word
  }
  return [...lines, line].map((each) => clip(each, width))
}
