/** Reads the tables of docs/threat-model.md, so that tests hold the page to what they measure. */
export interface ThreatLine {
  readonly attempt: string
  /** Whether what closing leaves in the thread does not do it any more, though the flags let it through. */
  readonly closed: boolean
  /** By isolation, then by Node's major version. */
  readonly captured: Readonly<Record<'process' | 'thread', Readonly<Record<string, string>>>>
}

/** Lines of the table whose head starts with `cells`, as cells; `**` around a cell means nothing. */
function tableAfter(page: string, head: string): readonly (readonly string[])[] {
  const lines = page.split('\n')
  const start = lines.findIndex((line) => line.startsWith(`| ${head} |`))
  if (start === -1) throw new Error(`docs/threat-model.md has no table that starts with '${head}'`)
  const end = lines.findIndex((line, index) => index > start && !line.startsWith('|'))
  return lines.slice(start, end === -1 ? undefined : end).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.replaceAll('**', '').trim()),
  )
}

/** The table of what a fallen first wall means: attempt, closed, then `process 20` … `thread 26`. */
export function readTable(page: string): readonly ThreatLine[] {
  const [head = [], , ...lines] = tableAfter(page, 'after wall 1 fell, code tries to')
  return lines.map(([attempt = '', closed, ...cells]) => {
    const captured: Record<'process' | 'thread', Record<string, string>> = { process: {}, thread: {} }
    for (const [index, cell] of cells.entries()) {
      const [isolation = '', major = ''] = (head[index + 2] ?? '').split(' ')
      if (isolation === 'process' || isolation === 'thread') captured[isolation][major] = cell
    }
    return { attempt, closed: closed === 'closed', captured }
  })
}

/** The table of what is left when two walls fell: attempt, then what it does by launcher. */
export function readKernelTable(
  page: string,
): readonly { readonly attempt: string; readonly by: Readonly<Record<string, string>> }[] {
  const [head = [], , ...lines] = tableAfter(page, 'after walls 1 and 2 fell, code tries to')
  return lines.map(([attempt = '', ...cells]) => ({
    attempt,
    by: Object.fromEntries(cells.map((cell, index) => [head[index + 1] ?? '', cell])),
  }))
}

/** The table of allocation loops: the loop, then what it does on each Node. */
export function readLoops(page: string): readonly string[] {
  const [, , ...lines] = tableAfter(page, 'with isolation `thread`, the loop')
  return lines.flatMap(([name = '']) => (name.includes(' ') ? [] : [name]))
}
