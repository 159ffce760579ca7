/**
 * `process` as a plugin sees it: facts about the runtime, its own environment
 * variables, and functions that say why they are refused.
 */
import type { AttenuatorPowers, Globals } from './powers.js'
import { refusal } from './refusal.js'
import { textOf } from './text.js'
import { words } from './words.js'

const DENIED: readonly string[] = words(
  'exit reallyExit kill abort binding _linkedBinding dlopen chdir umask execve',
  'setuid setgid seteuid setegid setgroups initgroups getBuiltinModule loadEnvFile',
)
/** They take a listener and never call it: what happens to the process is not a plugin's business. */
const INERT: readonly string[] = words(
  'on once off addListener removeListener removeAllListeners',
  'prependListener prependOnceListener setMaxListeners',
)

export function attenuateProcess({ realm, harden, env, timers, log }: AttenuatorPowers): Globals {
  const stream = (level: 'info' | 'error'): unknown => ({
    isTTY: false,
    write: (text: unknown) => {
      log(level, textOf(text).replace(/\n$/, ''))
      return true
    },
  })
  const hrtime = (since?: unknown): readonly [number, number] => {
    const earlierMs = Array.isArray(since) ? Number(since[0]) * 1000 + Number(since[1]) / 1e6 : 0
    const pastMs = Math.floor(realm.now()) - earlierMs
    const seconds = Math.floor(pastMs / 1000)
    return [seconds, Math.round((pastMs - seconds * 1000) * 1e6)]
  }
  const refuse = (name: string) => () => {
    throw refusal('ERR_ACCESS_DENIED', `process.${name} is always denied to plugins: no grant opens it`)
  }
  const process: Record<string, unknown> = {
    title: 'plugin',
    version: `v${realm.nodeVersion}`,
    versions: { node: realm.nodeVersion },
    release: { name: 'node' },
    platform: realm.platform,
    arch: realm.arch,
    pid: 0,
    ppid: 0,
    argv: [],
    argv0: 'plugin',
    execArgv: [],
    execPath: '/plugin/node',
    exitCode: undefined,
    features: {},
    config: {},
    env: { ...env },
    cwd: () => '/plugin',
    uptime: () => Math.floor(realm.now()) / 1000,
    hrtime: Object.assign(hrtime, { bigint: () => BigInt(Math.floor(realm.now())) * 1_000_000n }),
    nextTick: (callback: unknown, ...args: readonly unknown[]) => {
      if (typeof callback !== 'function') {
        throw refusal('ERR_INVALID_ARG_TYPE', 'The "callback" argument must be a function', TypeError)
      }
      timers.microtask(() => void Reflect.apply(callback as () => unknown, undefined, args))
    },
    memoryUsage: Object.assign(() => realm.memory(), { rss: () => realm.memory().rss }),
    emitWarning: (warning: unknown) => {
      const isObject = typeof warning === 'object' && warning !== null
      log('warn', textOf(isObject && 'message' in warning ? warning.message : warning))
    },
    emit: () => false,
    listeners: () => [],
    listenerCount: () => 0,
    stdout: stream('info'),
    stderr: stream('error'),
  }
  for (const name of INERT) process[name] = () => process
  for (const name of DENIED) process[name] = refuse(name)
  return harden({ process })
}
