/**
 * `os` for a plugin: the platform as it is, the host as if there were none. What tells
 * one host from another (its name, load, memory, addresses, users) has one answer
 * everywhere; docs/built-ins.md lists the answers.
 */
import type { Native } from '../attenuate/native.js'
import type { Module } from './module.js'

/** `uname -m` of the architectures that have another name there. */
const MACHINES: Readonly<Record<string, string>> = {
  x64: 'x86_64',
  arm64: 'aarch64',
  ia32: 'i686',
  arm: 'armv7l',
}
const HOME = '/plugin'

export function makeOs({ os, externalBytes }: Native, uptime: () => number): Module {
  return {
    EOL: os.eol,
    devNull: '/dev/null',
    constants: os.constants,
    platform: () => os.platform,
    arch: () => os.arch,
    machine: () => MACHINES[os.arch] ?? os.arch,
    type: () => os.type,
    endianness: () => os.endianness,
    release: () => '',
    version: () => '',
    hostname: () => 'localhost',
    homedir: () => HOME,
    tmpdir: () => '/data/tmp',
    availableParallelism: () => 1,
    cpus: () => [],
    loadavg: () => [0, 0, 0],
    networkInterfaces: () => ({}),
    totalmem: () => externalBytes,
    freemem: () => externalBytes,
    uptime,
    userInfo: () => ({ uid: -1, gid: -1, username: 'plugin', homedir: HOME, shell: null }),
    getPriority: () => 0,
    setPriority: () => {
      const message = 'os.setPriority is always denied to plugins: no grant opens it'
      throw Object.assign(new Error(message), { code: 'ERR_ACCESS_DENIED' })
    },
  }
}
