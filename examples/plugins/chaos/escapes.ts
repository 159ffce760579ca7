/**
 * Ways out of a JavaScript sandbox that have worked elsewhere. Each one tries to
 * reach Node's `process` and end it; the report says what stopped it. Nothing here
 * is pretended: an attempt that succeeds ends whatever process it reached.
 */
export type Attempt = { readonly attempt: string; readonly result: string }

type Exit = { readonly exit: (code: number) => void }
type Evaluator = (code: string) => () => Exit

const evaluatorOf = (value: unknown): Evaluator => (value as { readonly constructor: Evaluator }).constructor
const exitBy = (evaluator: Evaluator): void => evaluator('return process')().exit(1)

/** Name of the attempt, and the attempt; `given` holds objects that trusted code handed to this plugin. */
const ESCAPES: readonly (readonly [string, (given: readonly unknown[]) => unknown])[] = [
  ['process.exit(1)', () => (globalThis as unknown as { readonly process: Exit }).process.exit(1)],
  ['new Function', () => exitBy(evaluatorOf(() => 0))],
  ['async function constructor', () => exitBy(evaluatorOf(async () => 0))],
  ['generator constructor', () => exitBy(evaluatorOf(function* () {}))],
  // oxlint-disable-next-line no-eval -- trying it is the point
  ['indirect eval', () => ((0, eval)('process') as Exit).exit(1)],
  [
    'constructor of what the host handed in',
    (given) => given.forEach((value) => exitBy(evaluatorOf(evaluatorOf(value)))),
  ],
  ['this of a sloppy function', () => exitBy(evaluatorOf(evaluatorOf(evaluatorOf({}))))],
  [
    'call sites of an error stack',
    () => {
      const shape = Error as unknown as { prepareStackTrace?: unknown }
      shape.prepareStackTrace = (_: unknown, sites: readonly { getFunction(): unknown }[]) => sites
      const sites = new Error('sites').stack as unknown as readonly { getFunction(): unknown }[]
      for (const site of sites) exitBy(evaluatorOf(site.getFunction()))
    },
  ],
  ['dynamic import', () => (evaluatorOf(() => 0)('return import("node:process")') as () => unknown)()],
  [
    'process.binding',
    () => (evaluatorOf(() => 0)('return process.binding("spawn_sync")') as () => unknown)(),
  ],
  [
    'kill the parent',
    () => (evaluatorOf(() => 0)('process.kill(process.ppid, "SIGKILL")') as () => unknown)(),
  ],
  [
    'prototype pollution',
    () => {
      ;(Object.prototype as { polluted?: boolean }).polluted = true
    },
  ],
]

/** Tries all of them, one after the other. */
export async function tryEscapes(given: readonly unknown[]): Promise<readonly Attempt[]> {
  const attempts: Attempt[] = []
  for (const [attempt, run] of ESCAPES) {
    try {
      await run(given)
      attempts.push({ attempt, result: 'got out' })
    } catch (error) {
      attempts.push({ attempt, result: `refused: ${String(error).slice(0, 120)}` })
    }
  }
  return attempts
}
