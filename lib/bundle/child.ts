/**
 * Runs one job in a bundler child and ends it: with its answer, at the time limit,
 * or when it says too much. The child gets no environment, no options of this
 * process, an empty directory and a process group of its own, so that the esbuild
 * it starts ends with it.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BundleAnswer, BundleJob } from '../protocol/bundle-wire.js'

const CHILD = fileURLToPath(new URL('../../workers/bundler.js', import.meta.url))
/** Heap of the child's own JavaScript; esbuild's memory is outside. */
const HEAP_MIB = 512

export type ChildResult =
  | { readonly end: 'answered'; readonly answer: BundleAnswer }
  | { readonly end: 'too-slow' | 'too-much' | 'died' }

export async function runBundler(job: BundleJob, timeMs: number): Promise<ChildResult> {
  const cwd = await mkdtemp(join(tmpdir(), 'bulkhead-bundler-'))
  try {
    return await converse(job, cwd, timeMs)
  } finally {
    await rm(cwd, { recursive: true, force: true })
  }
}

function converse(job: BundleJob, cwd: string, timeMs: number): Promise<ChildResult> {
  // Escapes make a script and its JSON grow; the map is about as large as the script.
  const maxAnswer = 8 * job.maxBytes + 16 * 1_048_576
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [`--max-old-space-size=${HEAP_MIB}`, CHILD], {
      cwd,
      env: {},
      stdio: ['pipe', 'pipe', 'ignore'],
      detached: process.platform !== 'win32',
      windowsHide: true,
    })
    let settled = false
    const settle = (result: ChildResult): void => {
      if (settled) return
      settled = true
      clearTimeout(timer)
      endGroup(child)
      resolve(result)
    }
    const timer = setTimeout(() => settle({ end: 'too-slow' }), timeMs)
    const chunks: Buffer[] = []
    let size = 0
    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > maxAnswer) settle({ end: 'too-much' })
      else chunks.push(chunk)
    })
    child.on('error', () => settle({ end: 'died' }))
    child.stdin.on('error', () => settle({ end: 'died' }))
    child.on('close', () => {
      const answer = parseAnswer(Buffer.concat(chunks))
      settle(answer === undefined ? { end: 'died' } : { end: 'answered', answer })
    })
    // Left open: its end tells the child that this process is gone.
    child.stdin.write(`${JSON.stringify(job)}\n`)
  })
}

/** Ends the child and what it started; nothing to do where all of it is gone. */
function endGroup(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    if (process.platform === 'win32') child.kill('SIGKILL')
    else process.kill(-child.pid, 'SIGKILL')
  } catch {
    // The group has ended by itself.
  }
}

/** The child works on untrusted files: its answer is taken for what it is only after a look at its shape. */
export function parseAnswer(bytes: Buffer): BundleAnswer | undefined {
  let value: unknown
  try {
    value = JSON.parse(bytes.toString('utf8'))
  } catch {
    return undefined
  }
  if (!isRecord(value)) return undefined
  if (value['ok'] === true) return isSuccess(value) ? (value as unknown as BundleAnswer) : undefined
  const isRefusal = value['ok'] === false && isList(value['faults'], isFault)
  return isRefusal ? (value as unknown as BundleAnswer) : undefined
}

export function isSuccess(value: { readonly [key: string]: unknown }): boolean {
  return (
    typeof value['code'] === 'string' &&
    typeof value['map'] === 'string' &&
    isList(value['modules'], (use) => isText(use['name']) && isText(use['importer'])) &&
    isList(
      value['probes'],
      (probe) => isText(probe['path']) && isText(probe['kind']) && isText(probe['real']),
    ) &&
    isList(value['files'], (file) => isText(file['path']) && isText(file['sha256']) && isCount(file['bytes']))
  )
}

function isFault(fault: { readonly [key: string]: unknown }): boolean {
  return (
    isText(fault['file']) &&
    isCount(fault['line']) &&
    isCount(fault['column']) &&
    isText(fault['message']) &&
    isText(fault['remedy'])
  )
}

export function isRecord(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isList(value: unknown, check: (item: { readonly [key: string]: unknown }) => boolean): boolean {
  return Array.isArray(value) && value.every((item) => isRecord(item) && check(item))
}

function isText(value: unknown): boolean {
  return typeof value === 'string'
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
