/**
 * Where the time of a start went: what the host measured, and within that what the
 * plugin's own process told of itself. The second is for people; no decision rests on it.
 */
import { STARTUP_PARTS, type StartupPart, type StartupParts } from '../protocol/startup-parts.js'

/** Milliseconds. */
export interface Startup {
  /** Whether a standby was taken, so that its launch was paid before. */
  readonly standby: boolean
  /** Process and thread up, realm locked down, walls tried, channel open. */
  readonly launchMs: number
  /** Bundle sent, checked and evaluated. */
  readonly loadMs: number
  /** The plugin's own start(). */
  readonly startMs: number
  /** Parts of the first two, as the plugin's own process tells them. */
  readonly parts: StartupParts
}

export interface StartupRow {
  readonly depth: 0 | 1
  readonly what: string
  readonly ms: number
}

const LOAD_PARTS: ReadonlySet<StartupPart> = new Set(['compartment', 'evaluate'])

const MEANING: { readonly [part in StartupPart]: string } = {
  process: 'Node in the process',
  script: "the thread's script received",
  thread: "Node in the thread, and the thread's script",
  lockdown: 'lockdown',
  close: 'built-ins closed',
  walls: 'walls tried from inside',
  compartment: 'compartment with its globals',
  evaluate: "the plugin's script evaluated",
}

/** The start as a tree, each row its share of the one above; what no part accounts for is a row of its own. */
export function startupRows({ standby, launchMs, loadMs, startMs, parts }: Startup): readonly StartupRow[] {
  const inside = STARTUP_PARTS.filter((part) => parts[part] !== undefined)
  // The parts of a standby's launch are from before this start.
  const launch = standby ? [] : inside.filter((part) => !LOAD_PARTS.has(part))
  const load = inside.filter((part) => LOAD_PARTS.has(part))
  const rows = (of: readonly StartupPart[], wholeMs: number, rest: string): readonly StartupRow[] => {
    const told = of.map((part): StartupRow => ({ depth: 1, what: MEANING[part], ms: parts[part] ?? 0 }))
    const sum = told.reduce((ms, row) => ms + row.ms, 0)
    return told.length === 0 ? [] : [...told, { depth: 1, what: rest, ms: Math.max(0, wholeMs - sum) }]
  }
  return [
    { depth: 0, what: standby ? 'launch: a standby was taken' : 'launch', ms: launchMs },
    ...rows(launch, launchMs, 'process made, messages between'),
    { depth: 0, what: 'load', ms: loadMs },
    ...rows(load, loadMs, 'scripts sent, bundle checked'),
    { depth: 0, what: "the plugin's start()", ms: startMs },
  ]
}
