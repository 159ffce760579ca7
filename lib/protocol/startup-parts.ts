/**
 * Where the time of a start goes inside the plugin's own process, in the order it is
 * spent. The numbers are the child's own: for people, and no decision rests on them.
 */
export const STARTUP_PARTS = [
  /** Node in the child, up to the first line of the host script; 0 on 'thread'. */
  'process',
  /** Until the child's main thread has the script of the thread; 0 on 'thread'. */
  'script',
  /** Node in the thread, and its script up to its own first line. */
  'thread',
  /** Intrinsics frozen. */
  'lockdown',
  /** Built-ins closed. */
  'close',
  /** Walls tried from inside. */
  'walls',
  /** The plugin's compartment with its globals. */
  'compartment',
  /** The plugin's own script evaluated, with the built-ins it asks for. */
  'evaluate',
] as const

export type StartupPart = (typeof STARTUP_PARTS)[number]
/** Milliseconds by part; a part that was not told is not there. */
export type StartupParts = { readonly [part in StartupPart]?: number }

/** Past ten minutes a number says nothing. */
const MOST_MS = 600_000

/** Reads what a child told; anything that is no such number is left out. */
export function parseStartupParts(told: unknown): StartupParts {
  if (typeof told !== 'object' || told === null) return {}
  return Object.fromEntries(
    STARTUP_PARTS.flatMap((part) => {
      const ms: unknown = Object.hasOwn(told, part) ? (told as Record<string, unknown>)[part] : undefined
      return typeof ms === 'number' && ms >= 0 && ms <= MOST_MS ? [[part, ms]] : []
    }),
  )
}
