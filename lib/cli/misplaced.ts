/**
 * Files that somebody took for the plugin's policy and that nothing reads: a Java
 * policy, a policy.json in another directory or under another name, an approval that
 * the plugin brings along.
 */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { pluginFiles } from '../bundle/plugin-files.js'
import { looksLikeApproval, MOST_POLICY_BYTES } from '../policy-files.js'

export interface Misplaced {
  /** Relative to the plugin's directory. */
  readonly path: string
  readonly message: string
  readonly remedy: string
}

/** Where people put such files: `src/main/plugin-metadata/plugin-security.policy`. */
const DEEPEST = 4
/** Directories of other people's files. */
const PASSED_OVER: ReadonlySet<string> = new Set(['node_modules', '.git'])
/** A plugin with more is looked at in part; this is help, not a check. */
const MOST_ENTRIES = 5000

/** @param dir - the plugin's directory */
export async function findMisplaced(dir: string): Promise<readonly Misplaced[]> {
  const paths = await filesBelow(dir)
  const hasPolicy = paths.includes('policy.json')
  const found = await Promise.all(paths.map(async (path) => judge(dir, path, hasPolicy)))
  return found.filter((one) => one !== undefined)
}

async function judge(dir: string, path: string, hasPolicy: boolean): Promise<Misplaced | undefined> {
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase()
  if (name.endsWith('.policy'))
    return {
      path,
      message: 'a Java policy, which nothing reads here',
      remedy: hasPolicy
        ? 'see that policy.json says what it said, and remove it'
        : `translate it: bulkhead policy translate ${path} --out policy.json`,
    }
  if (name === 'entitlement-policy.yaml')
    return {
      path,
      message: 'an entitlement policy, which nothing reads here',
      remedy: hasPolicy
        ? 'see that policy.json says what it said, and remove it'
        : `translate it: bulkhead policy translate ${path} --out policy.json`,
    }
  if (path === 'policy.json' || path === 'plugin.json') return undefined
  if (await isApproval(dir, path))
    return {
      path,
      message: 'an approval, which counts only in the policies directory of the node',
      remedy: "remove it; what a plugin may do is the operator's to say",
    }
  if (!hasPolicy && LOOKALIKES.has(name))
    return {
      path,
      message: 'it looks like what the plugin asks for, and nothing reads it there',
      remedy: 'the file is policy.json, beside plugin.json',
    }
  return undefined
}

const LOOKALIKES: ReadonlySet<string> = new Set([
  'policy.json',
  'policies.json',
  'policy.jsonc',
  'policy.json5',
  'policy.yaml',
  'policy.yml',
  'plugin-policy.json',
  'plugin.policy.json',
  'security-policy.json',
  'security.json',
])

/** At the top and in a directory of policies, where the node has its approvals. */
async function isApproval(dir: string, path: string): Promise<boolean> {
  if (!/^(?:policies\/)?[^/]+\.json$/i.test(path)) return false
  const read = await pluginFiles.readText(join(dir, path), MOST_POLICY_BYTES)
  return read.kind === 'text' && looksLikeApproval(read.text)
}

async function filesBelow(dir: string): Promise<readonly string[]> {
  const files: string[] = []
  let left = MOST_ENTRIES
  const walk = async (below: string, depth: number): Promise<void> => {
    const entries = await readdir(join(dir, below), { withFileTypes: true }).catch(() => [])
    for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      if ((left -= 1) < 0) return
      const path = below === '' ? entry.name : `${below}/${entry.name}`
      if (!entry.isDirectory()) files.push(path)
      else if (depth < DEEPEST && !PASSED_OVER.has(entry.name)) await walk(path, depth + 1)
    }
  }
  await walk('', 1)
  return files
}
