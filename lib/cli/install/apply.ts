/** What follows a yes: the copy, held against what was shown, and the approval, both or neither. */
import { chmod, mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import process from 'node:process'
import { PluginError } from '../../errors.js'
import { realPathOf, sha256 } from '../../node-powers.js'
import { approvalFor } from '../../policy/approval.js'
import type { Approval } from '../../policy/document.js'
import { differences, readCandidate } from './candidate.js'
import type { Proposal } from './consent.js'
import { copyDirectory } from './copy-directory.js'
import { alone, makeStaging, replaceDirectory } from './replace-directory.js'

export interface ApplyOptions {
  /** Gives up the copy; after it nothing is given up. */
  readonly signal: AbortSignal
  readonly nodeVersion: string
  /** Default: as the approval before, or 'none'. */
  readonly acceptUpdates: 'none' | 'code' | undefined
}

export interface Installed {
  readonly approval: Approval
  /** Links that lead out of the directory. */
  readonly leftOut: readonly string[]
}

/** @throws whatever failed, `COMMAND_FAILED` when the copy is not what was shown; then everything stands as before */
export async function apply(proposal: Proposal, options: ApplyOptions): Promise<Installed> {
  const { candidate, before, places } = proposal
  const approval = answer(proposal, options.acceptUpdates)
  if (before.isInstalled && realPathOf(places.target) === candidate.descriptor.dir) {
    await writeApproval(places.approvalFile, approval) // it lies in its place already
    return { approval, leftOut: [] }
  }
  await mkdir(dirname(places.target), { recursive: true })
  return alone(places.target, () => copyInto(proposal, approval, options))
}

async function copyInto(
  { candidate, places }: Proposal,
  approval: Approval,
  options: ApplyOptions,
): Promise<Installed> {
  const staging = await makeStaging(places.target)
  try {
    const { leftOut } = await copyDirectory(candidate.descriptor.dir, staging, options.signal)
    const copy = await readCandidate(staging, options.nodeVersion)
    const differs = differences(candidate, copy)
    if (differs.length > 0) throw changed(differs, leftOut)
    options.signal.throwIfAborted()
    await chmod(staging, 0o755) // made for its maker alone; a node may be another user
    await replaceDirectory(staging, places.target, () => writeApproval(places.approvalFile, approval))
    return { approval, leftOut }
  } finally {
    await rm(staging, { recursive: true, force: true })
  }
}

/** For exactly what was shown; what the operator said before stays, his comment too. */
function answer({ candidate, before }: Proposal, acceptUpdates?: 'none' | 'code'): Approval {
  const { request, bundle, descriptor } = candidate
  const fresh = approvalFor(
    request,
    { plugin: descriptor.name, bundleHash: bundle.sha256, sha256 },
    { acceptUpdates: acceptUpdates ?? before.approval?.approves.acceptUpdates ?? 'none' },
  )
  return { ...before.approval, ...fresh }
}

function writeApproval(file: string, approval: Approval): Promise<void> {
  return writeWhole(file, `${JSON.stringify(approval, null, 2)}\n`)
}

/** Whoever reads the file reads the old text or the new one. */
async function writeWhole(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  const fresh = `${file}.${process.pid}.new`
  try {
    const handle = await open(fresh, 'wx', 0o644)
    try {
      await handle.writeFile(text)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(fresh, file)
  } finally {
    await rm(fresh, { force: true })
  }
}

function changed(differs: readonly string[], leftOut: readonly string[]): PluginError {
  return new PluginError('COMMAND_FAILED', {
    message: `the copy is not what was shown: ${differs.join(' and ')} ${differs.length > 1 ? 'differ' : 'differs'}; nothing is changed`,
    ...(leftOut.length === 0 ? {} : { notCopied: leftOut.slice(0, 10) }),
    remedy:
      leftOut.length === 0
        ? 'see that nobody writes to the directory meanwhile, and install it again'
        : 'put the files themselves where links lead out of the directory',
  })
}
