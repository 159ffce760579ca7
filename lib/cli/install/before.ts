/** What stands where a plugin is to be installed: the plugin's earlier version and the operator's answer to it. */
import { basename, join } from 'node:path'
import { pluginFiles } from '../../bundle/plugin-files.js'
import { loadDescriptors } from '../../descriptor/load.js'
import { faultsError, PluginError } from '../../errors.js'
import { realPathOf, sha256 } from '../../node-powers.js'
import { readApprovalFile, readPolicyFile } from '../../policy-files.js'
import type { Approval, PolicyRequest } from '../../policy/document.js'
import { EMPTY_REQUEST, requestHash } from '../../policy/request-hash.js'
import { shortPath } from '../describe-error.js'
import { hasPluginJson } from '../find-plugin.js'
import { exists } from './replace-directory.js'

export interface Places {
  /** Real paths. */
  readonly pluginsDir: string
  readonly policiesDir: string
  /** The plugin's directory once it is installed. */
  readonly target: string
  readonly approvalFile: string
}

export interface Before {
  /** `null` when the plugin is not installed, or nothing can be read of it. */
  readonly version: string | null
  readonly isInstalled: boolean
  /** What was approved; `null` when nothing was, or nobody kept what. */
  readonly request: PolicyRequest | null
  readonly approval: Approval | null
  /** Plugins there, this one not. */
  readonly others: readonly string[]
}

export function placesOf(name: string, pluginsDir: string, policiesDir: string): Places {
  return {
    pluginsDir,
    policiesDir,
    target: join(pluginsDir, name),
    // Through a link, so that a file kept elsewhere is changed there.
    approvalFile: realPathOf(join(policiesDir, `${name}.json`)),
  }
}

/**
 * @throws PluginError `CONFIG_INVALID` when the plugin cannot be put there; `APPROVAL_INVALID` for an
 *   approval with faults, which somebody wrote and nobody writes over
 */
export async function readBefore(name: string, places: Places, nodeVersion: string): Promise<Before> {
  const { pluginsDir, target, approvalFile } = places
  if (await hasPluginJson(pluginsDir))
    throw inTheWay(
      pluginsDir,
      'it is a plugin itself and no directory of plugins',
      'name another with --plugins',
    )
  const isInstalled = await exists(target)
  if (isInstalled && !(await hasPluginJson(target)))
    throw inTheWay(target, 'there is something here that is no plugin', 'move it away')
  const listed = (await pluginFiles.list(pluginsDir)) !== undefined
  const { descriptors } = listed
    ? await loadDescriptors(pluginsDir, nodeVersion, pluginFiles)
    : { descriptors: [] }
  const home = realPathOf(target)
  const twin = descriptors.find((each) => each.name === name && each.dir !== home)
  if (twin !== undefined)
    throw inTheWay(
      twin.dir,
      `it holds a plugin ${name} too, and two of one name do not start`,
      'remove it, or rename it to ' + name,
    )
  const installed = descriptors.find((each) => each.dir === home)
  if (installed !== undefined && installed.name !== name)
    throw inTheWay(target, `it holds the plugin ${installed.name}`, 'move it away')
  const approval = await readAnswer(name, approvalFile)
  const policy = isInstalled ? await readPolicyFile(join(target, 'policy.json')).catch(() => null) : null
  return {
    isInstalled,
    version: installed?.version ?? null,
    request: approval?.asked ?? approvedIn(policy?.request, approval),
    approval,
    others: descriptors.filter((each) => each.name !== name).map((each) => each.name),
  }
}

/** What lies there counts only if it is what was approved: somebody may have put it there by hand. */
function approvedIn(request: PolicyRequest = EMPTY_REQUEST, approval: Approval | null): PolicyRequest | null {
  return approval?.approves.request === requestHash(request, sha256) ? request : null
}

async function readAnswer(name: string, file: string): Promise<Approval | null> {
  const read = await readApprovalFile(file)
  if (read === null || read.approval.plugin === name) return read?.approval ?? null
  throw faultsError('APPROVAL_INVALID', [
    {
      code: 'APPROVAL_INVALID',
      file,
      pointer: '/plugin',
      message: `the approval is for the plugin '${read.approval.plugin}'`,
      remedy: `rename the file to that, or remove it; ${basename(file)} is for '${name}'`,
    },
  ])
}

function inTheWay(path: string, message: string, remedy: string): PluginError {
  return new PluginError('CONFIG_INVALID', { directory: shortPath(path), message, remedy })
}
