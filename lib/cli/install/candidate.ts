/**
 * A plugin's directory read as a whole: what it is, asks for and brings. Read once to
 * show it and once more from the copy, so that what is installed is what was shown.
 */
import { join } from 'node:path'
import type { Bundle } from '../../bundle/bundle.js'
import type { Descriptor } from '../../descriptor/descriptor.js'
import { sha256 } from '../../node-powers.js'
import { readPolicyFile, type PolicyFile } from '../../policy-files.js'
import type { PolicyRequest } from '../../policy/document.js'
import { EMPTY_REQUEST, requestHash } from '../../policy/request-hash.js'
import { bundleOnce } from '../bundle-once.js'
import { findPlugin } from '../find-plugin.js'

export interface Candidate {
  readonly descriptor: Descriptor
  /** `null` when it has none. */
  readonly policy: PolicyFile | null
  /** What it asks for; nothing without a policy. */
  readonly request: PolicyRequest
  readonly bundle: Bundle
}

/** @throws PluginError for a directory that holds no plugin, and for every fault of what it holds */
export async function readCandidate(dir: string, nodeVersion: string): Promise<Candidate> {
  const descriptor = await findPlugin(dir, nodeVersion)
  const policy = await readPolicyFile(join(descriptor.dir, 'policy.json'))
  const bundle = await bundleOnce(descriptor)
  return { descriptor, policy, request: policy?.request ?? EMPTY_REQUEST, bundle }
}

/** What differs between two readings of one plugin; empty when nothing that counts does. */
export function differences(a: Candidate, b: Candidate): readonly string[] {
  const parts: readonly (readonly [string, (one: Candidate) => string])[] = [
    ['plugin.json', ({ descriptor }) => JSON.stringify({ ...descriptor, dir: '' })],
    ['policy.json', ({ request }) => requestHash(request, sha256)],
    ['its code', ({ bundle }) => bundle.sha256],
  ]
  return parts.filter(([, of]) => of(a) !== of(b)).map(([name]) => name)
}
