/** A plugin to be installed, and everything that an install may have changed. */
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Approval } from '../../lib/policy/document.js'
import { bulkhead, type Ended } from './command.js'

/** Runs only if somebody runs the plugin. */
export const CANARY: string =
  "import { writeFileSync } from 'node:fs'\nwriteFileSync('canary', 'code')\nexport default {}\n"
export const GRANT: {
  readonly env: readonly string[]
  readonly net: { readonly connect: readonly string[] }
} = { env: ['AWS_SECRET_KEY'], net: { connect: ['s3.example.org:443'] } }

interface Made {
  readonly version?: string
  readonly source?: string
  readonly grant?: object
}

export function demo({ version = '1.0.0', source = CANARY, grant = GRANT }: Made = {}): {
  [path: string]: string
} {
  const touch = { preinstall: 'touch canary', install: 'touch canary', postinstall: 'touch canary' }
  return {
    'demo/plugin.json': JSON.stringify({
      name: 'demo',
      version,
      description: 'shows an install',
      main: 'index.ts',
      searchNode: '*',
    }),
    'demo/policy.json': JSON.stringify({ policyVersion: 1, grant }),
    'demo/package.json': JSON.stringify({ scripts: touch }),
    'demo/index.ts': source,
  }
}

export async function put(root: string, files: { [path: string]: string }): Promise<void> {
  for (const [path, text] of Object.entries(files)) await writeFile(join(root, path), text)
}

/** Every path below, so that whatever was changed shows. */
export async function treeOf(root: string): Promise<readonly string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true })
  const lines = entries.map(async (entry) => {
    const path = join(entry.parentPath, entry.name)
    const text = entry.isFile() ? await readFile(path, 'utf8') : ''
    return `${path.slice(root.length)} ${text}`
  })
  return (await Promise.all(lines)).toSorted()
}

export async function approvalIn(root: string): Promise<Approval> {
  return JSON.parse(await readFile(join(root, 'policies/demo.json'), 'utf8')) as Approval
}

export function install(root: string, ...more: readonly string[]): Promise<Ended> {
  return bulkhead(['install', 'demo', ...more], { cwd: root })
}

/** Output as one line, for patterns that may be wrapped. */
export function unwrapped(text: string): string {
  return text.replaceAll(/\s+/g, ' ')
}
