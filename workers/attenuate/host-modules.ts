/**
 * The built-in modules that close-builtins.ts closes and self-check.ts tries the
 * walls with, taken while they can still be had. Nothing here is ever given to a
 * plugin.
 */
import childProcess from 'node:child_process'
import dns from 'node:dns'
import fs from 'node:fs'
import module from 'node:module'
import net from 'node:net'
import os from 'node:os'
import vm from 'node:vm'
import workerThreads from 'node:worker_threads'

/** The part of an inspector session that shows whether the inspector is open. */
export interface InspectorModule {
  readonly Session: new () => { connect(): void; disconnect(): void }
}

export interface HostModules {
  readonly process: NodeJS.Process
  readonly childProcess: typeof childProcess
  readonly dns: typeof dns
  readonly fs: typeof fs
  readonly module: typeof module
  readonly net: typeof net
  readonly os: typeof os
  readonly vm: typeof vm
  readonly workerThreads: typeof workerThreads
  /** Absent in a Node built without it. */
  readonly inspector: InspectorModule | undefined
}

/** Call before `closeBuiltins`; the objects are the live modules, so functions needed later must be copied out first. */
export function takeHostModules(): HostModules {
  return { process, childProcess, dns, fs, module, net, os, vm, workerThreads, inspector: takeInspector() }
}

function takeInspector(): InspectorModule | undefined {
  try {
    return process.getBuiltinModule('inspector')
  } catch {
    return undefined // ERR_INSPECTOR_NOT_AVAILABLE
  }
}
