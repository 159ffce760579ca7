/** `bulkhead doctor`: which guarantees hold on this machine and this Node, each of them tried. */
import { availableParallelism } from 'node:os'
import process from 'node:process'
import type { Command } from 'commander'
import type { Isolation } from '../supervisor/options.js'
import { isBroken, platformNotes, type Row } from './doctor/guarantees.js'
import { EXIT, EXIT_CODES_HELP, type ExitCode } from './exit-code.js'
import { plainLine } from './plain.js'
import { writeJson, type Terminal } from './terminal.js'
import { indented, table } from './text-table.js'

const ISOLATIONS: readonly Isolation[] = ['process', 'thread']

export function addDoctor(program: Command, terminal: Terminal, exit: (code: ExitCode) => void): void {
  program
    .command('doctor')
    .summary('try which walls and limits hold on this machine')
    .description(
      'Tries every wall and limit on this machine and this Node, for both isolations: starts plugins that\n' +
        'leak, block and reach out, and looks what happens. Takes some seconds and about 500 MiB of memory.',
    )
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
A guarantee that a node should not be without is marked FAILS where it does not hold; "no" marks one
that this isolation or this Node does not give.

Exits with 1 when a required guarantee does not hold.
${EXIT_CODES_HELP}`,
    )
    .action(async (options: { readonly json?: true }) => {
      const { examine } = await import('./doctor/examine.js') // what help does not need is loaded late
      exit(report(await examine(), options.json === true, terminal))
    })
}

/** Says what was found. @returns 1 when something required does not hold */
export function report(rows: readonly Row[], json: boolean, terminal: Terminal): ExitCode {
  const ok = rows.every((row) => ISOLATIONS.every((isolation) => !isBroken(row, isolation)))
  if (json)
    writeJson({ ok, ...machine(), notes: platformNotes(process.platform), guarantees: rows.map(toJson) })
  else show(rows, ok, terminal)
  return ok ? EXIT.fine : EXIT.finding
}

function machine(): {
  readonly node: string
  readonly platform: string
  readonly arch: string
  readonly cores: number
} {
  return {
    node: process.versions.node,
    platform: process.platform,
    arch: process.arch,
    cores: availableParallelism(),
  }
}

function show(rows: readonly Row[], ok: boolean, terminal: Terminal): void {
  const { line, bold, dim, green, red, width } = terminal
  const { node, platform, arch, cores } = machine()
  line(
    `${bold('What holds here')}  Node ${node}, ${platform} ${arch}, ${cores} core${cores === 1 ? '' : 's'}`,
  )
  line(dim('Each wall is tried by a plugin thread from inside, everything else from outside.'))
  line()
  const cells = rows.map((row) => [
    row.title,
    ...ISOLATIONS.map((isolation) => cell(row, isolation, terminal)),
    row.how,
  ])
  const [head = '', ...body] = table(['guarantee', 'process', 'thread', 'how it was tried'], cells, width)
  line(dim(head))
  for (const each of body) line(each)
  line()
  for (const text of rows.flatMap(shortcomings)) for (const each of indented(text, '  ', width)) line(each)
  for (const note of platformNotes(platform)) for (const each of indented(note, '  ', width)) line(each)
  line()
  const broken = ISOLATIONS.filter((isolation) => rows.some((row) => isBroken(row, isolation)))
  line(
    ok
      ? green('Every required guarantee holds.')
      : red(
          `A required guarantee does not hold; do not run plugins with isolation ${broken.join(' or ')} here.`,
        ),
  )
}

/** What does not hold and what the attempt met; said once where both isolations met the same. */
function shortcomings(row: Row): readonly string[] {
  const open = ISOLATIONS.filter((isolation) => row[isolation].holds === false)
  return [...new Set(open.map((isolation) => row[isolation].detail))].map((detail) => {
    const where = open.filter((isolation) => row[isolation].detail === detail).join(', ')
    return `${row.title} (${where}): ${plainLine(detail)}`
  })
}

function cell(row: Row, isolation: Isolation, { green, red, yellow, dim }: Terminal): string {
  const { holds } = row[isolation]
  if (holds === null) return dim('-')
  if (holds) return green('holds')
  return isBroken(row, isolation) ? red('FAILS') : yellow('no')
}

function toJson(row: Row): object {
  const { id, title, how, required } = row
  return { id, title, how, required, process: row.process, thread: row.thread }
}
