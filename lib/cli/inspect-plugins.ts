/**
 * Every plugin of a directory as it lies there: descriptor, request, approval, faults.
 * Bundles are made, because an approval names one; no line of a plugin runs.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { pluginFiles } from '../bundle/plugin-files.js'
import type { Descriptor } from '../descriptor/descriptor.js'
import { loadDescriptors } from '../descriptor/load.js'
import type { ErrorCode, PluginError } from '../errors.js'
import type { PolicyRequest } from '../policy/document.js'
import { asksForAnything } from '../policy/grant.js'
import { prepare } from '../prepare.js'
import { readPolicyFile } from '../policy-files.js'
import { faultsOf } from './describe-error.js'

export interface InspectOptions {
  /** Real path. */
  readonly pluginsDir: string
  readonly policiesDir: string | undefined
  readonly nodeVersion: string
}

/**
 * `approved`: an approval covers what it asks for and brings. `not needed`: it asks for
 * nothing. `missing`, `outdated`, `invalid`: the approval is not there, is for
 * another request or bundle, or has faults. `unknown`: a fault came before that could be told.
 */
export type ApprovalStatus = 'approved' | 'not needed' | 'missing' | 'outdated' | 'invalid' | 'unknown'

export interface Inspected {
  readonly name: string
  /** `null` when plugin.json has faults. */
  readonly descriptor: Descriptor | null
  /** Its policy.json; `null` when it has none or one with faults. */
  readonly request: PolicyRequest | null
  readonly approval: ApprovalStatus
  /** Why it would not start. */
  readonly error: PluginError | null
}

/** @throws PluginError `CONFIG_INVALID` when the directory cannot be read or the version is none */
export async function inspectPlugins(options: InspectOptions): Promise<readonly Inspected[]> {
  const { pluginsDir, policiesDir, nodeVersion } = options
  const { descriptors } = await loadDescriptors(pluginsDir, nodeVersion, pluginFiles)
  const dataDir = await mkdtemp(join(tmpdir(), 'bulkhead-list-'))
  try {
    const { plugins, broken } = await prepare({
      pluginsDir,
      policiesDir,
      dataDir,
      nodeVersion,
      wallTime: Date.now(),
    })
    const requests = new Map(
      await Promise.all(descriptors.map(async ({ name, dir }) => [name, await readRequest(dir)] as const)),
    )
    const good = plugins.map(({ descriptor }): Inspected => {
      const request = requests.get(descriptor.name) ?? null
      const approval = request !== null && asksForAnything(request) ? 'approved' : 'not needed'
      return { name: descriptor.name, descriptor, request, approval, error: null }
    })
    const bad = broken.map(({ name, error }): Inspected => {
      const descriptor = descriptors.find((each) => each.name === name) ?? null
      const request = requests.get(name) ?? null
      // Faults of one plugin's own plugin.json name it by its directory.
      const [first] = faultsOf(error)
      const named = descriptor === null && first !== undefined ? basename(dirname(first.file)) : name
      return { name: named, descriptor, request, approval: statusOf(error.code), error }
    })
    return [...good, ...bad].sort((a, b) => (a.name < b.name ? -1 : 1))
  } finally {
    await rm(dataDir, { recursive: true, force: true })
  }
}

function statusOf(code: ErrorCode): ApprovalStatus {
  if (code === 'APPROVAL_MISSING') return 'missing'
  if (code === 'APPROVAL_MISMATCH') return 'outdated'
  return code === 'APPROVAL_INVALID' ? 'invalid' : 'unknown'
}

/** What it asks for, for people to look at; its faults are reported by `prepare`. */
async function readRequest(dir: string): Promise<PolicyRequest | null> {
  const read = await readPolicyFile(join(dir, 'policy.json')).catch(() => null)
  return read?.request ?? null
}
