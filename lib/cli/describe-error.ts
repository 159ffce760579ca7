/**
 * A PluginError for people (code, what, where, remedy, as indented lines) and for
 * programs (JSON). An approval that is missing comes with the document to write and
 * its place. Everything in it may be a plugin's text.
 */
import { relative, resolve } from 'node:path'
import { ERROR_CODES, formatFault, PluginError, type ErrorCode, type Fault } from '../errors.js'
import { plain, plainLine } from './plain.js'
import type { Terminal } from './terminal.js'
import { indented } from './text-table.js'

export interface ErrorJson {
  readonly code: ErrorCode
  readonly message: string
  /** The facts, the faults' among them. */
  readonly detail: { readonly [key: string]: unknown }
}

export function errorJson(error: PluginError): ErrorJson {
  const { approval, output: _output, ...detail } = error.detail
  // Text of the error is one line of facts; the document to write is data of its own.
  const document = documentOf(approval)
  return {
    code: error.code,
    message: summaryOf(error),
    detail: { ...detail, ...(document === undefined ? {} : { approval: document }) },
  }
}

/** The sentence of the code and what was said about it; where an argument is wrong, only the latter. */
export function summaryOf({ code, detail }: PluginError): string {
  const said = detail['message']
  if (typeof said === 'string' && (code === 'CONFIG_INVALID' || code === 'COMMAND_FAILED')) return said
  return typeof said === 'string' ? `${ERROR_CODES[code]}: ${said}` : ERROR_CODES[code]
}

export function faultsOf(error: PluginError): readonly Fault[] {
  const faults = error.detail['faults']
  return Array.isArray(faults) ? (faults as readonly Fault[]) : []
}

export interface ErrorPlace {
  /** Directory of the approvals; `undefined` when the command was given none. */
  readonly policiesDir: string | undefined
}

/** Facts that the lines below say in their own way, or that say nothing to a person. */
const SAID: ReadonlySet<string> = new Set([
  'message',
  'faults',
  'stack',
  'output',
  'approval',
  'changed',
  'plugin',
  'remedy',
  'more',
  'less',
  'requestApproved',
  'requestNow',
  'bundleApproved',
  'bundleNow',
])

/** @param indent - in front of each line */
export function errorLines(
  error: PluginError,
  terminal: Terminal,
  place: ErrorPlace,
  indent = '',
): readonly string[] {
  const { width } = terminal
  const more = `${indent}  `
  const faults = faultsOf(error)
  const facts = Object.entries(error.detail).filter(([key]) => !SAID.has(key))
  const remedy = error.detail['remedy']
  const stack = error.detail['stack']
  return [
    ...indented(`${terminal.red(error.code)}  ${plain(summaryOf(error))}`, indent, width),
    ...faults.flatMap((fault) => indented(plainLine(formatFault(shortened(fault))), more, width)),
    ...facts.flatMap(([key, value]) => indented(`${plainLine(key)}: ${factText(value)}`, more, width)),
    ...changeLines(error, terminal, more),
    ...(typeof remedy === 'string' ? indented(`→ ${plainLine(remedy)}`, more, width) : []),
    ...(typeof stack === 'string' ? plain(stack).split('\n').slice(0, 8) : []).map((frame) =>
      terminal.dim(`${more}${frame.trim()}`),
    ),
    ...approvalLines(error, terminal, place, more),
  ]
}

/** What an update asks for beyond the approved request, and no longer; that its code is another one. */
function changeLines({ detail }: PluginError, terminal: Terminal, indent: string): readonly string[] {
  const { yellow, dim, width } = terminal
  const listed = (key: string): readonly string[] =>
    Array.isArray(detail[key]) ? (detail[key] as readonly unknown[]).map(String) : []
  const changed = listed('changed')
  return [
    ...listed('more').flatMap((text) => indented(yellow(`+ asks to ${plainLine(text)}`), indent, width)),
    ...listed('less').flatMap((text) =>
      indented(dim(`- no longer asks to ${plainLine(text)}`), indent, width),
    ),
    ...(changed.includes('bundle') ? indented('it brings other code than was approved', indent, width) : []),
  ]
}

function factText(value: unknown): string {
  return plainLine(typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value)))
}

function approvalLines(
  { code, detail }: PluginError,
  terminal: Terminal,
  { policiesDir }: ErrorPlace,
  indent: string,
): readonly string[] {
  const document = documentOf(detail['approval'])
  if (document === undefined) return []
  const name = `${String(detail['plugin'])}.json`
  const file = shortPath(resolve(policiesDir ?? 'policies', name))
  const again = code === 'APPROVAL_MISMATCH' ? 'Look at what changed' : 'Look at what it asks for'
  const option = policiesDir === undefined ? ` and pass ${terminal.bold('--policies policies')}` : ''
  return [
    ...indented(
      `${again}; to approve it, write this to ${terminal.bold(plainLine(file))}${option}:`,
      indent,
      terminal.width,
    ),
    ...JSON.stringify(document, null, 2)
      .split('\n')
      .map((line) => `${indent}  ${plain(line)}`),
  ]
}

function documentOf(approval: unknown): unknown {
  return typeof approval === 'string' ? (JSON.parse(approval) as unknown) : undefined
}

function shortened(fault: Fault): Fault {
  return { ...fault, file: shortPath(fault.file) }
}

/** Relative to the working directory when that is the shorter way to say it. */
export function shortPath(path: string): string {
  if (!path.startsWith('/') && !/^[A-Za-z]:\\/.test(path)) return path
  const near = relative('.', path)
  return near !== '' && !near.startsWith('..') ? near : path
}

/** Any thrown value as a PluginError: what is none failed to run, and its stack is for nobody. */
export function asPluginError(thrown: unknown): PluginError {
  if (thrown instanceof PluginError) return thrown
  const { code, message } = thrown as { readonly code?: unknown; readonly message?: unknown }
  const said = typeof message === 'string' ? message : String(thrown)
  return new PluginError('COMMAND_FAILED', {
    message: typeof code === 'string' && !said.includes(code) ? `${code}: ${said}` : said,
  })
}
