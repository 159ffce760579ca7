/** `bulkhead crashes DIR [NAME]`: the crash reports of a node as a table, or one of them to read. */
import { lstat, readdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { MOST_REPORT_BYTES, type CrashReport, type TimedSample } from '../crash/report.js'
import { REPORT_NAME } from '../crash/store.js'
import { PluginError } from '../errors.js'
import { EXIT, EXIT_CODES_HELP, type ExitCode } from './exit-code.js'
import { plain, plainLine } from './plain.js'
import { writeJson, type Terminal } from './terminal.js'
import { indented, table } from './text-table.js'

/** A report as it is read: large ones lack parts. */
type ReadReport = Partial<CrashReport> & { readonly without?: readonly string[] }

const LISTS = ['calls', 'samples', 'log'] as const

export function addCrashes(program: Command, terminal: Terminal, exit: (code: ExitCode) => void): void {
  program
    .command('crashes')
    .summary('show the crash reports of a node')
    .description(
      'Shows what the plugins of a node died of: all reports of a directory, the newest last, or one in\n' +
        'full. The directory is that of --crash-reports, or of the option crashReports of a node.',
    )
    .argument('<dir>', 'directory of the reports')
    .argument('[name]', 'file name of one report')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Examples:
  bulkhead crashes crashes
  bulkhead crashes crashes 20260102T030405.678Z-my-plugin-1.json

${EXIT_CODES_HELP}`,
    )
    .action(async (dir: string, name: string | undefined, options: { readonly json?: true }) => {
      const path = resolve(dir)
      if (name === undefined) await showAll(path, terminal, options.json === true)
      else await showOne(path, name, terminal, options.json === true)
      exit(EXIT.fine)
    })
}

async function showAll(dir: string, terminal: Terminal, json: boolean): Promise<void> {
  const names = await readdir(dir).catch((error: NodeJS.ErrnoException) => {
    throw invalid(
      'dir',
      `${dir} cannot be read (${error.code ?? error.message})`,
      'name a directory of reports',
    )
  })
  const reports: { readonly name: string; readonly report: ReadReport }[] = []
  for (const name of names.filter((one) => REPORT_NAME.test(one)).toSorted()) {
    const report = await read(join(dir, name)).catch(() => undefined)
    if (report !== undefined) reports.push({ name, report })
  }
  if (json) {
    const rows = reports.map(({ name, report: { plugin, version, time, error, uptimeMs, unreported } }) => ({
      name,
      plugin,
      version,
      time,
      code: error?.code,
      uptimeMs,
      unreported,
    }))
    return writeJson({ ok: true, reports: rows })
  }
  if (reports.length === 0) return terminal.line('no crash reports')
  const rows = reports.map(({ name, report }) => [
    said(report.plugin),
    said(report.error?.code),
    seconds(report.uptimeMs),
    said(report.calls?.[0]?.at),
    name,
  ])
  const [head = '', ...body] = table(['plugin', 'died of', 'after', 'in', 'report'], rows, terminal.width)
  terminal.line(terminal.dim(head))
  for (const row of body) terminal.line(row)
}

async function showOne(dir: string, name: string, terminal: Terminal, json: boolean): Promise<void> {
  if (!REPORT_NAME.test(name))
    throw invalid('name', `${name} is no name of a crash report`, `take one from: bulkhead crashes ${dir}`)
  const report = await read(join(dir, name)).catch((error: unknown) => {
    throw invalid(
      'name',
      `${name} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      `take one from: bulkhead crashes ${dir}`,
    )
  })
  if (json) return writeJson(report)
  const { line, bold, dim, red, width } = terminal
  const part = (title: string, lines: readonly string[]): void => {
    if (lines.length === 0) return
    line()
    line(bold(title))
    for (const each of lines) line(`  ${each}`)
  }
  const { error, exit, lastFailure, log = [], output, samples = [], calls = [], without } = report
  line(`${red(said(error?.code))}  ${bold(said(report.plugin))} ${said(report.version)}`)
  for (const text of indented(said(error?.message), '  ', width)) line(text)
  line(
    dim(
      `  ${said(report.time)}, ${said(report.state)}, ${seconds(report.uptimeMs)} after its start, ` +
        `exit ${said(exit?.signal ?? exit?.code)}, Node ${said(report.node)}, ${said(report.isolation)}`,
    ),
  )
  if (without !== undefined) line(dim(`  left out for its size: ${said(without)}`))
  part(
    'Calls under way',
    calls.map(
      ({ at, ageMs, givenUp }) =>
        `${said(at)}  ${seconds(ageMs)}${givenUp === undefined ? '' : `  ${said(givenUp)}`}`,
    ),
  )
  const last = samples.at(-1)
  part('Last sample', last === undefined ? [] : sampleLines(last, width))
  part('Last failure', lastFailure ? plain(`${lastFailure.kind}\n${lastFailure.stack}`).split('\n') : [])
  part(
    'Log',
    log.map(({ time, level, text }) => `${said(time)}  ${said(level)}  ${said(text)}`),
  )
  part('Output', output ? plain(String(output)).trimEnd().split('\n') : [])
}

/** @throws when it is no regular file of a report's size, or holds none: anyone may have changed it */
async function read(path: string): Promise<ReadReport> {
  const there = await lstat(path)
  if (!there.isFile() || there.size > MOST_REPORT_BYTES) throw new Error('it is no crash report')
  const value: unknown = JSON.parse(await readFile(path, 'utf8'))
  if (!isRecord(value) || value['reportVersion'] !== 1) throw new Error('it is no crash report')
  for (const key of LISTS) {
    const list = value[key] ?? []
    if (!Array.isArray(list) || !list.every(isRecord)) throw new Error(`its "${key}" is no list`)
  }
  return value
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function said(value: unknown): string {
  if (value === undefined || value === null) return '-'
  return plainLine(typeof value === 'string' ? value : JSON.stringify(value))
}

function seconds(ms: unknown): string {
  return typeof ms === 'number' ? `${(ms / 1000).toFixed(1)} s` : '-'
}

/** What is known of it, with units in the names as in the report. */
function sampleLines(sample: TimedSample, width: number): readonly string[] {
  const known = Object.entries(sample).filter(([, value]) => value !== null)
  const text = known.map(([name, value]) => `${plainLine(name)} ${said(value)}`).join(', ')
  return indented(text, '', width - 2)
}

function invalid(option: string, message: string, remedy: string): PluginError {
  return new PluginError('CONFIG_INVALID', { option, message, remedy })
}
