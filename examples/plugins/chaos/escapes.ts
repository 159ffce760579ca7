/**
 * Ways out of a JavaScript sandbox that have worked elsewhere. Each tries to reach
 * something of Node's own; one that reaches `process` ends it. Nothing is pretended:
 * an attempt that succeeds takes down whatever process it got to.
 */
export type Attempt = { readonly attempt: string; readonly result: string }

type Evaluator = (code: string) => () => unknown
type Site = { readonly getFunction: () => unknown; readonly getThis: () => unknown }

const evaluatorOf = (value: unknown): Evaluator => (value as { readonly constructor: Evaluator }).constructor
const run = (evaluator: Evaluator, code: string): unknown => evaluator(`return ${code}`)()
const plain = evaluatorOf(() => 0)

/** Name of the attempt, and what it reaches; `given` is what trusted code handed to this plugin. */
const ESCAPES: readonly (readonly [string, (given: readonly unknown[]) => unknown])[] = [
  ['the global process', () => Reflect.get(globalThis, 'process')],
  ['new Function', () => run(plain, 'process')],
  [
    'async function constructor',
    () =>
      run(
        evaluatorOf(async () => 0),
        'process',
      ),
  ],
  [
    'generator constructor',
    () =>
      run(
        evaluatorOf(function* () {}),
        'process',
      ),
  ],
  // oxlint-disable-next-line no-eval -- trying it is the point
  ['indirect eval', () => (0, eval)('process')],
  ['this of a sloppy function', () => Reflect.get(run(plain, 'this') as object, 'process')],
  [
    'constructors of what the host handed in',
    (given) => given.map((value) => run(evaluatorOf(evaluatorOf(value)), 'process')).find(isThere),
  ],
  [
    'call sites of an error stack',
    () => {
      Reflect.set(Error, 'prepareStackTrace', (_: unknown, sites: readonly Site[]) => sites)
      const sites = (new Error('sites') as { readonly stack?: unknown }).stack
      return (sites as readonly Site[]).map((site) => site.getThis() ?? site.getFunction()).find(isThere)
    },
  ],
  ['dynamic import', () => run(plain, 'import("node:process")')],
  ['process.binding', () => run(plain, 'process.binding("spawn_sync")')],
  ['killing the parent', () => run(plain, 'process.kill(process.ppid, "SIGKILL")')],
  [
    'prototype pollution',
    () => {
      Object.prototype.hasOwnProperty = () => true
      return Object.hasOwn(Object.prototype, 'hasOwnProperty') && {}.hasOwnProperty('anything')
        ? 'all'
        : undefined
    },
  ],
]

/** Tries all of them, one after the other. */
export async function tryEscapes(given: readonly unknown[]): Promise<readonly Attempt[]> {
  const attempts: Attempt[] = []
  for (const [attempt, reach] of ESCAPES) {
    try {
      const reached = await reach(given)
      if (isThere(reached)) end(reached)
      attempts.push({ attempt, result: isThere(reached) ? 'got out' : 'refused: nothing is there' })
    } catch (error) {
      attempts.push({ attempt, result: `refused: ${String(error).slice(0, 120)}` })
    }
  }
  return attempts
}

function isThere(value: unknown): boolean {
  return value !== undefined && value !== null
}

/** Makes use of what was reached, if it is what it should be. */
function end(reached: unknown): void {
  const exit: unknown = Reflect.get(Object(reached) as object, 'exit')
  if (typeof exit === 'function') Reflect.apply(exit, reached, [1])
}
