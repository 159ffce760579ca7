/**
 * One plugin of a node as `policy explain` looks at it: its documents, the grant they
 * make, and why it would not load. Bundled, because an approval names a bundle; not run.
 */
import { join, resolve } from 'node:path'
import { pluginFiles } from '../../bundle/plugin-files.js'
import type { Descriptor } from '../../descriptor/descriptor.js'
import { loadDescriptors } from '../../descriptor/load.js'
import { PluginError } from '../../errors.js'
import { ownDirectory, realPathOf, sha256 } from '../../node-powers.js'
import { readApprovalFile, readPolicyFile, type ApprovalFile, type PolicyFile } from '../../policy-files.js'
import { approvalFor } from '../../policy/approval.js'
import { makeGrant, selfApprovalDenials, type Grant, type GrantContext } from '../../policy/grant.js'
import { EMPTY_REQUEST } from '../../policy/request-hash.js'
import { suggest } from '../../policy/suggest.js'
import { bundleOnce } from '../bundle-once.js'
import { findPlugin, hasPluginJson } from '../find-plugin.js'

export interface SubjectOptions {
  /** Real paths. */
  readonly pluginsDir: string
  readonly policiesDir: string
  readonly dataDir: string
  readonly nodeVersion: string
}

export interface Subject {
  readonly descriptor: Descriptor
  /** `null` when it has none. */
  readonly policy: PolicyFile | null
  readonly approval: ApprovalFile | null
  /** Where its approval is or would be. */
  readonly approvalFile: string
  /** What it may do once an approval covers it: its request with the operator's narrowing and additions. */
  readonly grant: Grant
  /** The same as if nothing had expired. */
  readonly unexpired: Grant
  /** Why it does not load as it is. */
  readonly error: PluginError | null
}

/**
 * @param plugin - its name in the plugins directory, else its directory
 * @throws PluginError `CONFIG_INVALID` when there is no such plugin; for faults of its documents
 */
export async function readSubject(plugin: string, options: SubjectOptions): Promise<Subject> {
  const { pluginsDir, policiesDir, dataDir } = options
  const descriptor = await find(plugin, options)
  const { name, dir } = descriptor
  const approvalFile = join(policiesDir, `${name}.json`)
  const [policy, approval] = [
    await readPolicyFile(join(dir, 'policy.json')),
    await readApprovalFile(approvalFile),
  ]
  const bundle = await bundleOnce(descriptor).catch((error: unknown) => {
    if (error instanceof PluginError) return error
    throw error
  })
  const request = policy?.request ?? EMPTY_REQUEST
  const data = join(dataDir, name)
  const context: GrantContext = {
    plugin: name,
    bundleHash: bundle instanceof PluginError ? '' : bundle.sha256,
    sha256,
    home: dir,
    data,
    wallTime: Date.now(),
    // The processes that are denied besides are not there yet.
    denied: selfApprovalDenials({
      policiesDir,
      pluginsDir,
      cacheDir: join(dataDir, '.bundles'),
      ownDir: ownDirectory,
      dataDir,
      plugin: name,
      home: dir,
      data,
    }),
  }
  const covering = { ...approval?.approval, ...approvalFor(request, context) }
  return {
    descriptor,
    policy,
    approval,
    approvalFile,
    grant: makeGrant(request, covering, context),
    unexpired: makeGrant(request, covering, { ...context, wallTime: 0 }),
    error:
      bundle instanceof PluginError
        ? bundle
        : errorOf(() => makeGrant(request, approval?.approval ?? null, context)),
  }
}

function errorOf(make: () => unknown): PluginError | null {
  try {
    make()
    return null
  } catch (error) {
    if (error instanceof PluginError) return error
    throw error
  }
}

async function find(plugin: string, { pluginsDir, nodeVersion }: SubjectOptions): Promise<Descriptor> {
  const entries = await pluginFiles.list(pluginsDir)
  const { descriptors } =
    entries === undefined ? { descriptors: [] } : await loadDescriptors(pluginsDir, nodeVersion, pluginFiles)
  const named = descriptors.find(({ name }) => name === plugin)
  if (named !== undefined) return named
  const below = join(pluginsDir, plugin)
  if (await hasPluginJson(realPathOf(resolve(plugin)))) return findPlugin(plugin, nodeVersion)
  if (await hasPluginJson(below)) return findPlugin(below, nodeVersion) // its faults are what is wrong
  const known = descriptors.map(({ name }) => name)
  throw new PluginError('CONFIG_INVALID', {
    argument: 'plugin',
    value: plugin,
    message: 'there is no such plugin, and no such directory',
    remedy:
      known.length === 0
        ? 'name the plugins directory with --plugins, or give the directory of the plugin'
        : suggest(plugin, known),
  })
}
