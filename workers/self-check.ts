/**
 * Tries the walls of a plugin thread from inside, live, before the first plugin byte:
 * each check does what an escaped plugin would try. Who refuses to start when one
 * does not hold is workers/plugin.ts.
 */
import type { HostModules } from './attenuate/host-modules.js'

export interface WallReport {
  readonly wall: string
  readonly holds: boolean
  /** Whether a plugin may not start without it. */
  readonly required: boolean
  /** What the attempt met, or what it reached. */
  readonly detail: string
}

/** Functions of the host, copied out before `closeBuiltins` replaced them. */
export interface WallPowers {
  readonly readFile: (path: string) => unknown
  readonly listDirectory: (path: string) => unknown
  /** Creates an empty file; the check removes it if that worked. */
  readonly createFile: (path: string) => void
  readonly removeFile: (path: string) => void
  readonly cwd: () => string
  /** Starts a thread that does nothing and ends it. */
  readonly startWorker: () => unknown
  /** Starts a program that does not exist; throws only when starting is denied. */
  readonly spawn: () => { readonly error?: (Error & { readonly code?: string }) | undefined }
  readonly binding: (name: string) => unknown
  readonly openInspector: (() => void) | undefined
  /** Listens on a free port and stops at once; absent where the permission flags know no network (before Node 25). */
  readonly listen: (() => void) | undefined
  readonly loadAddon: () => void
  /** Absent when the thread has no permission flags at all. */
  readonly hasPermission: ((scope: string, reference?: string) => boolean) | undefined
  readonly env: () => readonly string[]
}

export interface WallOptions {
  readonly powers: WallPowers
  /** A file that exists and that no grant names. */
  readonly outsideFile: string
  /** Walls that are allowed to be down, by name. */
  readonly notRequired?: readonly string[]
  /** Whether the grant, and so the flags, open the network. */
  readonly openNetwork?: boolean
}

/** Copies what the checks need; call before `closeBuiltins`. */
export function takeWallPowers(host: HostModules): WallPowers {
  const { readFileSync, readdirSync, openSync, closeSync, unlinkSync } = host.fs
  const { Worker } = host.workerThreads
  const { spawnSync } = host.childProcess
  const { process } = host
  const Session = host.inspector?.Session
  const { createServer } = host.net
  const knowsNetwork = Number.parseInt(process.versions.node, 10) >= 25
  const { binding, dlopen, cwd, execPath, permission } = process as NodeJS.Process & {
    readonly binding: (name: string) => unknown
    readonly permission?: { has(scope: string, reference?: string): boolean }
  }
  return {
    readFile: (path) => readFileSync(path),
    listDirectory: (path) => readdirSync(path),
    createFile: (path) => closeSync(openSync(path, 'wx')),
    removeFile: (path) => unlinkSync(path),
    cwd: () => Reflect.apply(cwd, process, []),
    startWorker: () => void new Worker('0', { eval: true, execArgv: [], env: {} }).terminate(),
    spawn: () => spawnSync(`${execPath}-that-does-not-exist`, { env: {} }),
    binding: (name) => Reflect.apply(binding, process, [name]),
    openInspector: Session && (() => new Session().connect()),
    listen: knowsNetwork
      ? () => {
          // Without an address: only so is a denial thrown at once.
          createServer()
            .on('error', () => undefined)
            .listen(0)
            .close()
        }
      : undefined,
    loadAddon: () => Reflect.apply(dlopen, process, [{ exports: {} }, '/nonexistent-addon.node']),
    hasPermission: permission && ((scope, reference) => permission.has(scope, reference)),
    env: () => Object.keys(process.env),
  }
}

/** A check gives what it reached, or throws what stopped it. */
interface Check {
  readonly wall: string
  /** Codes of errors that mean "refused"; any error when left out. */
  readonly refusedBy?: readonly string[]
  readonly attempt: () => string
}

/** Every wall in turn; never throws. Call after `lockdownRealm` and `closeBuiltins`. */
export function checkWalls(options: WallOptions): readonly WallReport[] {
  const checks = [...runtimeChecks(options), ...languageChecks()]
  return Object.freeze(
    checks.map(({ wall, refusedBy, attempt }) => {
      const required = options.notRequired?.includes(wall) !== true
      try {
        return { wall, required, holds: false, detail: attempt() }
      } catch (error) {
        if (error instanceof Held) return { wall, required, holds: true, detail: error.detail }
        const { code = '', message = '' } = error as { readonly code?: string; readonly message?: string }
        const holds = refusedBy === undefined || refusedBy.includes(code)
        return { wall, required, holds, detail: code === '' ? message : `${code}: ${message}` }
      }
    }),
  )
}

/** Ends a check that found its wall standing without an error of the platform. */
class Held {
  readonly detail: string
  constructor(detail: string) {
    this.detail = detail
  }
}

const DENIED = ['ERR_ACCESS_DENIED']

function runtimeChecks({ powers, outsideFile, openNetwork = false }: WallOptions): readonly Check[] {
  const cwd = powers.cwd()
  const { listen } = powers
  const network: readonly Check[] =
    listen === undefined
      ? []
      : [
          {
            wall: 'network',
            refusedBy: DENIED,
            attempt: () => {
              if (openNetwork) return 'the grant has rules for the network, and the flags know no hosts'
              listen()
              return 'listened on a free port'
            },
          },
        ]
  return [
    ...network,
    {
      wall: 'fs.read',
      refusedBy: DENIED,
      attempt: () => `read ${String(powers.readFile(outsideFile)).length} characters of ${outsideFile}`,
    },
    {
      wall: 'fs.list',
      refusedBy: DENIED,
      attempt: () => `listed ${cwd}: ${String(powers.listDirectory(cwd)).slice(0, 100)}`,
    },
    {
      wall: 'fs.write',
      refusedBy: DENIED,
      attempt: () => {
        const path = `${cwd}/.wall-check-${Date.now()}`
        powers.createFile(path)
        powers.removeFile(path)
        return `wrote ${path}`
      },
    },
    {
      wall: 'worker',
      refusedBy: DENIED,
      attempt: () => {
        powers.startWorker()
        return 'started a thread'
      },
    },
    {
      wall: 'child-process',
      refusedBy: DENIED,
      attempt: () => {
        const { error } = powers.spawn()
        if (error?.code === 'ERR_ACCESS_DENIED') throw error
        return `could have started a process: ${error?.code ?? 'no error'}`
      },
    },
    {
      wall: 'binding',
      refusedBy: [...DENIED, 'ERR_INVALID_MODULE'],
      attempt: () => `process.binding gave ${typeof powers.binding('fs')}`,
    },
    {
      wall: 'inspector',
      refusedBy: DENIED,
      attempt: () => {
        if (powers.openInspector === undefined) throw new Held('this Node has no inspector')
        powers.openInspector()
        return 'connected to the inspector'
      },
    },
    {
      wall: 'addons',
      refusedBy: [...DENIED, 'ERR_DLOPEN_DISABLED'],
      attempt: () => {
        powers.loadAddon()
        return 'loaded an addon'
      },
    },
    {
      wall: 'permission-flags',
      attempt: () => {
        if (powers.hasPermission === undefined) return 'the thread runs without permission flags'
        for (const [scope, reference] of [
          ['fs.read', cwd],
          ['fs.write', cwd],
          ['worker'],
          ['child'],
          ...(openNetwork ? [] : [['net'] as const]),
        ] as const) {
          if (powers.hasPermission(scope, reference))
            return `${scope} is granted${reference === undefined ? '' : ` for ${reference}`}`
        }
        throw new Held('fs.read, fs.write, worker, child and (from Node 25 on) net are not granted')
      },
    },
    {
      wall: 'env',
      attempt: () => {
        const names = powers.env()
        if (names.length === 0) throw new Held('no environment variables')
        return `environment variables are there: ${names.slice(0, 5).join(' ')}`
      },
    },
  ]
}

const CLOSED_PROCESS = ['binding', 'kill', '_kill', 'reallyExit', 'abort', 'dlopen', 'exit', 'chdir', 'umask']
const FUNCTION_KINDS = ['() => {}', 'async () => {}', 'function* () {}', 'async function* () {}']

function languageChecks(): readonly Check[] {
  const inside = (source: string): unknown => new Compartment().evaluate(source) as unknown
  return [
    {
      wall: 'closed-builtins',
      attempt: () => {
        const names = ['require', 'module', 'fetch', 'WebAssembly'].filter((name) => name in globalThis)
        if (names.length > 0) return `still global: ${names.join(' ')}`
        const host = (globalThis as unknown as { readonly process?: object }).process ?? {}
        // Looked at, not called: an open one would end the thread.
        const open = CLOSED_PROCESS.filter((name) => {
          const own = Object.getOwnPropertyDescriptor(host, name)
          return own !== undefined && (own.configurable === true || own.writable === true)
        })
        if (open.length > 0) return `still open: ${open.map((name) => `process.${name}`).join(' ')}`
        throw new Held('require, fetch and the dangerous parts of process are gone')
      },
    },
    {
      wall: 'function-constructor',
      attempt: () => {
        const seen = inside(`Function('return typeof process + typeof require + typeof setTimeout')()`)
        if (seen !== 'undefined'.repeat(3)) return `Function sees ${String(seen)}`
        for (const kind of FUNCTION_KINDS) {
          const made = inside(
            `(() => { try { return (${kind}).constructor('return 7') } catch (error) { return undefined } })()`,
          )
          if (made !== undefined) return `the constructor of ${kind} makes code`
        }
        throw new Held('no function leads to a constructor of this realm')
      },
    },
    {
      wall: 'intrinsics',
      attempt: () => {
        const loose = [Object, Function, Array, Promise, Map, Error, RegExp, Date, Uint8Array].flatMap(
          (Intrinsic) => (Object.isFrozen(Intrinsic.prototype) ? [] : [Intrinsic.name]),
        )
        if (loose.length > 0) return `not frozen: ${loose.join(' ')}`
        throw new Held('intrinsics are frozen')
      },
    },
    {
      wall: 'dynamic-import',
      attempt: () => {
        for (const source of [
          `import('node:fs')`,
          `Function("return import('node:fs')")`,
          `eval("import/**/('node:fs')")`,
        ]) {
          let made: unknown
          try {
            made = inside(source)
          } catch {
            continue
          }
          return `${source} gave ${typeof made}`
        }
        throw new Held('import expressions are refused')
      },
    },
  ]
}
