/**
 * From directories to plugins that can be started: descriptors, requests, approvals
 * and bundles are read and checked, and each good plugin gets its frozen Grant. A
 * plugin with faults does not hide the others; its faults are all reported at once.
 */
import { bundlePlugin, type Bundle } from './bundle/bundle.js'
import { pluginFiles } from './bundle/plugin-files.js'
import type { Descriptor } from './descriptor/descriptor.js'
import { loadDescriptors } from './descriptor/load.js'
import { order } from './descriptor/order.js'
import { faultsError, PluginError, type Fault } from './errors.js'
import { makeDirectory, ownDirectory, processIds, realPathOf, sha256 } from './node-powers.js'
import { readApprovalFile, readPolicyFile } from './policy-files.js'
import type { PolicyRequest } from './policy/document.js'
import { approvalFor, makeGrant, selfApprovalDenials, type Grant } from './policy/grant.js'
import { shippedPolicyParser } from './shipped-policies.js'

export interface PrepareOptions {
  readonly pluginsDir: string
  /** `undefined`: no approvals, so only plugins that ask for nothing start. */
  readonly policiesDir: string | undefined
  readonly dataDir: string
  /** Real path of the audit log, if there is one. */
  readonly auditLog?: string
  readonly nodeVersion: string
  /** Now, milliseconds since 1970. */
  readonly wallTime: number
  /** Approves every request as it stands; for a plugin's own tests, never for a node. */
  readonly approveAll?: boolean
  /** Takes the place of each plugin's policy.json; for a plugin's own tests. */
  readonly request?: PolicyRequest
}

export interface Prepared {
  readonly descriptor: Descriptor
  readonly grant: Grant
  readonly bundle: Bundle
  /** Whether its approval trusts it with the node's own process. */
  readonly trusted: boolean
}

export interface Broken {
  readonly name: string
  readonly version: string | null
  readonly error: PluginError
}

/**
 * @returns good plugins in the order they start in, and the broken ones
 * @throws PluginError `CONFIG_INVALID` when a directory cannot be used
 */
export async function prepare(
  options: PrepareOptions,
): Promise<{ readonly plugins: readonly Prepared[]; readonly broken: readonly Broken[] }> {
  const { pluginsDir, nodeVersion } = options
  const loaded = await loadDescriptors(pluginsDir, nodeVersion, pluginFiles)
  const sorted = order(loaded.descriptors)
  const broken = brokenOf([...loaded.faults, ...sorted.faults], loaded.descriptors)
  const plugins: Prepared[] = []
  const results = await Promise.all(
    sorted.ordered.map(async (descriptor) => {
      try {
        return await prepareOne(descriptor, options)
      } catch (error) {
        if (!(error instanceof PluginError)) throw error
        return { name: descriptor.name, version: descriptor.version, error }
      }
    }),
  )
  for (const result of results) {
    if ('grant' in result) plugins.push(result)
    else broken.push(result)
  }
  return { plugins, broken }
}

async function prepareOne(descriptor: Descriptor, options: PrepareOptions): Promise<Prepared> {
  const { name, dir, main } = descriptor
  const { dataDir, pluginsDir, policiesDir } = options
  const cacheDir = pluginFiles.join(dataDir, '.bundles')
  const data = pluginFiles.join(dataDir, name)
  makeDirectory(cacheDir)
  makeDirectory(data)
  // Both to their end, whatever the other does: a bundler that goes on by itself would write into a directory given up.
  const [requested, bundled] = await Promise.allSettled([
    options.request ?? requestOf(dir),
    bundlePlugin({ dir, main, name, cacheDir }),
  ])
  if (requested.status === 'rejected' && bundled.status === 'rejected')
    throw bothErrors(requested.reason, bundled.reason)
  if (requested.status === 'rejected') throw requested.reason
  if (bundled.status === 'rejected') throw bundled.reason
  const request = requested.value
  const bundle = bundled.value
  const candidate = { plugin: name, bundleHash: bundle.sha256, sha256 }
  const approval =
    options.approveAll === true && request !== null
      ? approvalFor(request, candidate)
      : policiesDir === undefined
        ? null
        : ((await readApprovalFile(pluginFiles.join(policiesDir, `${name}.json`)))?.approval ?? null)
  const grant = makeGrant(request, approval, {
    ...candidate,
    home: dir,
    data: realPathOf(data),
    wallTime: options.wallTime,
    denied: selfApprovalDenials({
      // Without a policies directory there is nothing to protect; its place stays taken all the same.
      policiesDir: realPathOf(policiesDir ?? pluginFiles.join(dataDir, '.policies')),
      pluginsDir: realPathOf(pluginsDir),
      cacheDir: realPathOf(cacheDir),
      ownDir: ownDirectory,
      dataDir: realPathOf(dataDir),
      plugin: name,
      home: dir,
      data: realPathOf(data),
      ...(options.auditLog === undefined ? {} : { auditLog: options.auditLog }),
      ...processIds,
    }),
  })
  const trusted = options.approveAll === true || approval?.trusted !== undefined
  return { descriptor, grant, bundle, trusted }
}

/** The faults of both, under the code of the first. */
function bothErrors(first: unknown, second: unknown): unknown {
  if (!(first instanceof PluginError) || !(second instanceof PluginError)) return first
  const faultsOf = ({ detail }: PluginError): readonly Fault[] => (detail['faults'] ?? []) as readonly Fault[]
  return faultsError(first.code, [...faultsOf(first), ...faultsOf(second)])
}

/** policy.json beside plugin.json; `null` when the plugin has none: it gets nothing but compute. */
async function requestOf(dir: string): Promise<PolicyRequest | null> {
  return (await readPolicyFile(pluginFiles.join(dir, 'policy.json')))?.request ?? null
}

/** A policy that someone wrote for a test, checked like one on disk. */
export function checkRequest(policy: unknown): PolicyRequest {
  const parsed = shippedPolicyParser().parsePolicy(policy, 'policy')
  if ('faults' in parsed) throw faultsError('POLICY_INVALID', parsed.faults)
  return parsed.request
}

/** Faults by plugin: a plugin that could not be named is named by its directory. */
function brokenOf(faults: readonly Fault[], descriptors: readonly Descriptor[]): Broken[] {
  const byPlugin = new Map<string, Fault[]>()
  for (const fault of faults) {
    const owner = descriptors.find(({ dir }) => fault.file.startsWith(`${dir}/`))
    const name = owner?.name ?? directoryOf(fault.file)
    byPlugin.set(name, [...(byPlugin.get(name) ?? []), fault])
  }
  return [...byPlugin].map(([name, own]) => ({
    name,
    version: descriptors.find((descriptor) => descriptor.name === name)?.version ?? null,
    error: faultsError(own[0]?.code ?? 'DESCRIPTOR_INVALID', own),
  }))
}

function directoryOf(file: string): string {
  return file.split('/').at(-2) ?? file
}
