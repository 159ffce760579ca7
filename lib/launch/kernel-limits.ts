/**
 * Resource limits of a child as arguments of prlimit(1). No RLIMIT_NPROC: it counts all
 * processes of a user, the node's own included.
 */
import { readFileSync } from 'node:fs'
import type { KernelLimits } from '../powers.js'

/** What Node has open by itself (loops, pipes, its threads' wake-ups: 20 to 30), and room for one operation's own. */
const OWN_FILES = 64

/** @param dataBytes - `undefined` while nobody knows what an idle child takes */
export function limitArguments({ openFiles, fileBytes }: KernelLimits, dataBytes?: number): string[] {
  return [
    '--core=0',
    `--nofile=${Math.min(OWN_FILES + openFiles, hardLimits.openFiles)}`,
    `--fsize=${Math.min(fileBytes, hardLimits.fileBytes)}`,
    ...(dataBytes === undefined ? [] : [dataArgument(dataBytes)]),
  ]
}

export function dataArgument(dataBytes: number): string {
  return `--data=${Math.min(dataBytes, hardLimits.dataBytes)}`
}

/** The node's own hard limits: without privileges no child gets more. */
const hardLimits = readHardLimits()

function readHardLimits(): {
  readonly openFiles: number
  readonly fileBytes: number
  readonly dataBytes: number
} {
  const text = readLimits()
  const hard = (name: string): number => {
    // Name, soft limit, hard limit, unit; 'unlimited' is no number.
    const found = new RegExp(`^${name} +\\S+ +(\\d+)`, 'm').exec(text)?.[1]
    return found === undefined ? Infinity : Number(found)
  }
  return {
    openFiles: hard('Max open files'),
    fileBytes: hard('Max file size'),
    dataBytes: hard('Max data size'),
  }
}

function readLimits(): string {
  try {
    return readFileSync('/proc/self/limits', 'latin1')
  } catch {
    return ''
  }
}
