/** Lays out one plugin with its approval in a bench's own directories. */
import { cp, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createHash } from 'node:crypto'
import { approvalFor, type PolicyRequest } from 'bulkhead/policy'

const sha256 = (text: string): string => `sha256-${createHash('sha256').update(text).digest('base64')}`

/** @param packages - copied from this repository's own node_modules */
export async function writePlugin(
  root: string,
  name: string,
  source: string,
  extensionPoints: readonly string[],
  packages: readonly string[] = [],
  limits: PolicyRequest['limits'] = { heapMb: 512, callTimeoutMs: 60_000, blockedMs: 60_000 },
): Promise<string> {
  const dir = join(root, 'plugins', name)
  await mkdir(dir, { recursive: true })
  await mkdir(join(root, 'policies'), { recursive: true })
  const request: PolicyRequest = {
    policyVersion: 1,
    grant: { extensionPoints },
    limits,
  }
  const approval = approvalFor(
    request,
    { plugin: name, bundleHash: sha256(''), sha256 },
    { acceptUpdates: 'code' },
  )
  const descriptor = { name, version: '1.0.0', description: 'for a bench', main: 'index.ts', searchNode: '*' }
  await writeFile(join(dir, 'plugin.json'), JSON.stringify(descriptor))
  await writeFile(join(dir, 'policy.json'), JSON.stringify(request))
  await writeFile(join(dir, 'index.ts'), source)
  await writeFile(
    join(root, 'policies', `${name}.json`),
    JSON.stringify({ ...approval, trusted: { reason: 'it is our own' } }),
  )
  const modules = fileURLToPath(new URL('../../node_modules', import.meta.url))
  for (const one of packages) {
    await cp(join(modules, one), join(dir, 'node_modules', one), { recursive: true, dereference: true })
  }
  return dir
}
