/** A directory of the machine for one test: a plugin's home and data, things outside, and a thread granted some of it. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { permissionPaths, permitsNetwork } from '../../lib/policy/decide.js'
import { DEFAULT_LIMITS, type GrantRules } from '../../lib/policy/document.js'
import type { Grant } from '../../lib/policy/grant.js'
import { threadSettings } from '../../lib/supervisor/worker-options.js'
import { startThread, type Thread } from './thread.js'

export const SECRET = 'a secret that no plugin may read'

export interface World {
  /** Holds everything; nothing in it but home and data is granted by `usual`. */
  readonly root: string
  readonly home: string
  readonly data: string
  /** A file outside with SECRET in it, and its directory. */
  readonly secret: string
  readonly outside: string
}

export function makeWorld(t: Test): World {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'bulkhead-fs-')))
  t.teardown(() => rmSync(root, { recursive: true, force: true }))
  const world = {
    root,
    home: join(root, 'home'),
    data: join(root, 'data'),
    outside: join(root, 'outside'),
    secret: join(root, 'outside/secret.txt'),
  }
  for (const dir of [world.home, world.data, world.outside]) mkdirSync(dir)
  writeFileSync(world.secret, SECRET)
  writeFileSync(join(world.home, 'words.txt'), 'one two')
  mkdirSync(join(world.home, 'sub'))
  writeFileSync(join(world.home, 'sub/inner.txt'), 'inner')
  symlinkSync(world.secret, join(world.home, 'link-out'))
  symlinkSync(world.outside, join(world.home, 'dir-out'))
  symlinkSync('words.txt', join(world.home, 'link-in'))
  return world
}

/** What most plugins ask for: reading their home, everything in data. */
export const usual = ({ home, data }: World): GrantRules => ({
  fs: { read: [`${home}/**`, `${data}/**`], write: [`${data}/**`] },
})

export function grantOf(world: World, rules: GrantRules, denied: Partial<Grant['denied']> = {}): Grant {
  return {
    plugin: 'test-plugin',
    request: rules,
    packages: {},
    narrow: null,
    add: [],
    limits: DEFAULT_LIMITS,
    home: world.home,
    data: world.data,
    denied: { read: [], write: [], ...denied },
  }
}

/** The flags that the product gives a thread with this grant. */
function flagsOf(grant: Grant): readonly string[] {
  const paths = {
    read: permissionPaths(grant, 'read'),
    write: permissionPaths(grant, 'write'),
    network: permitsNetwork(grant),
  }
  const runtime = { nodeVersion: process.versions.node, hostScript: '' }
  return threadSettings('test', grant.limits, paths, runtime).execArgv
}

export function fileThread(
  t: Test,
  grant: Grant,
  options: {
    readonly files?: number
    readonly heapMb?: number
    readonly dnsServers?: readonly string[]
  } = {},
): Promise<Thread> {
  return startThread(t, { grant, flags: flagsOf(grant), ...options })
}

/** What an expression over `fs` gives, or facts of the error that it throws. */
export function outcome(thread: Thread, expression: string): Promise<unknown> {
  return thread.value(`(async () => {
    const fs = require('fs')
    try { return await (${expression}) } catch (error) {
      const { code, syscall, path, dest, rule, message, errno } = error
      const all = JSON.stringify([error, String(error), error.stack, Reflect.ownKeys(error).map((name) => String(error[name]))])
      return { code, syscall, path, dest, rule, message, errno, all }
    }
  })()`)
}
