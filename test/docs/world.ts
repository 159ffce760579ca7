/**
 * A temporary place in which the blocks of a page are files: a directory a page, each seeing this
 * package under its own name, so that a block imports `bulkhead` as a reader would.
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { transform } from 'esbuild'
import { ROOT } from './pages.js'

export interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

const COMPILER_OPTIONS = {
  module: 'nodenext',
  target: 'es2022',
  lib: ['es2023'],
  types: ['node'],
  strict: true,
  noUncheckedIndexedAccess: true,
  noEmit: true,
  skipLibCheck: true,
}

export class World {
  readonly root: string = mkdtempSync(join(tmpdir(), 'bulkhead-docs-'))

  constructor() {
    mkdirSync(join(this.root, 'node_modules/@types'), { recursive: true })
    symlinkSync(ROOT, join(this.root, 'node_modules/bulkhead'), 'dir')
    symlinkSync(join(ROOT, 'node_modules/@types/node'), join(this.root, 'node_modules/@types/node'), 'dir')
    this.write('package.json', '{ "private": true, "type": "module" }')
    this.write('tsconfig.json', JSON.stringify({ compilerOptions: COMPILER_OPTIONS, include: ['*/**/*.ts'] }))
  }

  write(path: string, text: string): void {
    const file = join(this.root, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }

  read(path: string): string | undefined {
    const file = join(this.root, path)
    return existsSync(file) ? readFileSync(file, 'utf8') : undefined
  }

  /** Every `.ts` file at once, strictly; the outcome's stdout names what is wrong. */
  typeCheck(): Promise<Outcome> {
    return this.node('.', [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', this.root])
  }

  /** Runs a program, with `node` or a runner's flags; its types were checked before. */
  async runProgram(directory: string, path: string, flags: readonly string[] = []): Promise<Outcome> {
    const source = this.read(join(directory, path)) ?? ''
    const { code } = await transform(source, { loader: 'ts', format: 'esm', target: 'node20' })
    const script = path.replace(/\.[tj]s$/, '.mjs')
    this.write(join(directory, script), code)
    return this.node(directory, [...flags, script])
  }

  /** Runs Node in a directory of the world, with nothing of this test's own settings. */
  node(directory: string, args: readonly string[]): Promise<Outcome> {
    const { PATH = '', HOME = '', TMPDIR = tmpdir() } = process.env
    const child = spawn(process.execPath, args, {
      cwd: join(this.root, directory),
      env: { PATH, HOME, TMPDIR, NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    return new Promise((resolve, reject) => {
      child.on('error', reject)
      child.on('close', (code) => resolve({ code, stdout, stderr }))
    })
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true })
  }
}
