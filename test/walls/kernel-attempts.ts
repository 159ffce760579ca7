/**
 * What code tries that got past the first two walls, where only the kernel can stop it:
 * run by fallen.ts in a thread without flags. What they did is looked at from outside
 * (kernel-effects.ts), so what they got they keep.
 */
import type { AnyFunction, Attempt, Functions } from './fallen.js'

const kept: unknown[] = []
const MIB = 1_048_576
const WASM_PAGE_BYTES = 65_536
/** Taken before it is closed, as fallen.ts does it. */
const { Memory } = Reflect.get(globalThis, 'WebAssembly') as { readonly Memory: AnyFunction }

export const TAKEN_MIB = 1024
export const TAKEN_FILES = 4000
export const WRITTEN_MIB = 64

function call(owner: Functions, name: string, ...args: readonly unknown[]): unknown {
  const run = owner[name]
  if (run === undefined) throw new Error(`${name} does not exist`)
  return Reflect.apply(run, owner, args)
}

/** By name, as in the table of docs/threat-model.md. */
export const KERNEL_ATTEMPTS: Readonly<Record<string, Attempt>> = {
  'take a gigabyte in one go': () => {
    // Pages that nobody has touched: the node's look at resident memory does not see them.
    kept.push(Reflect.construct(Memory, [{ initial: (TAKEN_MIB * MIB) / WASM_PAGE_BYTES }]))
    return 'taken'
  },
  'keep thousands of files open': ({ fs }) => {
    const files: unknown[] = []
    try {
      while (files.length < TAKEN_FILES) files.push(call(fs, 'openSync', '/dev/null'))
      return 'open'
    } catch (error) {
      for (const file of files) call(fs, 'closeSync', file) // the next attempt needs one
      throw error
    }
  },
  'write a file larger than its data may be': ({ fs }, { emptyDirectory }) => {
    const file = call(fs, 'openSync', `${emptyDirectory}/large`, 'w')
    call(fs, 'writeSync', file, 'x', WRITTEN_MIB * MIB)
    return 'written'
  },
  'list the processes of the machine': ({ fs }) => String(call(fs, 'readdirSync', '/proc')),
  'leave a program behind': async ({ childProcess }, { emptyDirectory }) => {
    // Ends by itself, should nothing else end it.
    const script = `setTimeout(() => undefined, 20000) // ${emptyDirectory}`
    const child = call(childProcess, 'spawn', process.execPath, ['-e', script], {
      env: {},
      detached: true,
      stdio: 'ignore',
    }) as { readonly pid?: number; on(event: string, listener: () => void): void; unref(): void }
    await new Promise<void>((resolve) => {
      child.on('spawn', resolve)
      child.on('error', resolve)
    })
    child.unref()
    return `started ${child.pid}`
  },
}
