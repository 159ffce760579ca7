/**
 * console: every method ends in `log(level, text)` with text of bounded size. How a
 * value becomes text is describe.ts; how much log a plugin may write is the host's.
 */
import { makeDescribe, MAX_TEXT_CHARS, type Describe } from './describe.js'
import type { AttenuatorPowers, Globals, LogLevel } from './powers.js'

/** Arguments of one call that are shown, labels kept by count and time, depth of groups. */
const MAX_ARGUMENTS = 50
const MAX_LABELS = 1_000
const MAX_GROUPS = 20

const LEVELS: Readonly<Record<string, LogLevel>> = {
  debug: 'debug',
  trace: 'debug',
  log: 'info',
  info: 'info',
  dir: 'info',
  dirxml: 'info',
  table: 'info',
  warn: 'warn',
  error: 'error',
}

export function attenuateConsole({ realm, harden, log }: AttenuatorPowers): Globals {
  const describe = makeDescribe(realm.types)
  const counts = new Map<string, number>()
  const started = new Map<string, number>()
  let depth = 0

  const write = (level: LogLevel, args: readonly unknown[]): void => {
    const indent = '  '.repeat(Math.min(depth, MAX_GROUPS))
    log(level, indent + formatArguments(args, describe))
  }
  const labelOf = (label: unknown): string => (typeof label === 'string' ? label.slice(0, 100) : 'default')
  const remember = (map: Map<string, number>, label: string, value: number): void => {
    if (map.has(label) || map.size < MAX_LABELS) map.set(label, value)
  }
  const elapsed = (label: unknown, rest: readonly unknown[], end: boolean): void => {
    const name = labelOf(label)
    const since = started.get(name)
    if (since === undefined) return write('warn', [`No such label '${name}'`])
    write('info', [`${name}: ${Math.floor(realm.now()) - since}ms`, ...rest])
    if (end) started.delete(name)
  }
  const console: Record<string, unknown> = {
    assert: (holds?: unknown, ...args: readonly unknown[]) => {
      if (holds) return
      write(
        'error',
        typeof args[0] === 'string'
          ? [`Assertion failed: ${args[0].slice(0, MAX_TEXT_CHARS)}`, ...args.slice(1)]
          : ['Assertion failed', ...args],
      )
    },
    count: (label?: unknown) => {
      const name = labelOf(label)
      const count = (counts.get(name) ?? 0) + 1
      remember(counts, name, count)
      write('info', [`${name}: ${count}`])
    },
    countReset: (label?: unknown) => void counts.delete(labelOf(label)),
    group: (...args: readonly unknown[]) => {
      if (args.length > 0) write('info', args)
      depth += 1
    },
    groupEnd: () => {
      depth = Math.max(0, depth - 1)
    },
    time: (label?: unknown) => remember(started, labelOf(label), Math.floor(realm.now())),
    timeLog: (label?: unknown, ...rest: readonly unknown[]) => elapsed(label, rest, false),
    timeEnd: (label?: unknown, ...rest: readonly unknown[]) => elapsed(label, rest, true),
    clear: () => undefined,
  }
  console['groupCollapsed'] = console['group']
  for (const [name, level] of Object.entries(LEVELS)) {
    const prefix = name === 'trace' ? ['Trace:'] : []
    console[name] = (...args: readonly unknown[]) =>
      write(level, name === 'dir' ? args.slice(0, 1) : [...prefix, ...args])
  }
  return harden({ console })
}

/** The arguments as one text, with the `%s %d %i %f %j %o %O %c %%` of Node's console. */
export function formatArguments(args: readonly unknown[], describe: Describe): string {
  const [first, ...others] = args.slice(0, MAX_ARGUMENTS)
  const rest = [...others]
  const parts: string[] = []
  if (typeof first === 'string') {
    const template = first.slice(0, MAX_TEXT_CHARS)
    parts.push(
      rest.length === 0
        ? template
        : template.replace(/%[sdifjoOc%]/g, (mark) => {
            if (mark === '%%') return '%'
            return rest.length === 0 ? mark : substitute(mark, rest.shift(), describe)
          }),
    )
  } else if (args.length > 0) parts.push(describe(first))
  for (const value of rest)
    parts.push(typeof value === 'string' ? value.slice(0, MAX_TEXT_CHARS) : describe(value))
  if (args.length > MAX_ARGUMENTS) parts.push(`… ${args.length - MAX_ARGUMENTS} more arguments`)
  return parts.join(' ').slice(0, 2 * MAX_TEXT_CHARS)
}

function substitute(mark: string, value: unknown, describe: Describe): string {
  const isNumber = typeof value === 'number'
  switch (mark) {
    case '%c':
      return ''
    case '%s':
      return typeof value === 'string' ? value.slice(0, MAX_TEXT_CHARS) : describe(value)
    case '%d':
      return isNumber || typeof value === 'bigint'
        ? describe(value)
        : typeof value === 'string'
          ? String(Number(value.slice(0, 100)))
          : 'NaN'
    case '%i':
    case '%f': {
      const number = isNumber
        ? value
        : typeof value === 'string'
          ? Number.parseFloat(value.slice(0, 100))
          : Number.NaN
      return String(mark === '%i' ? Math.trunc(number) : number)
    }
    default:
      return describe(value)
  }
}
