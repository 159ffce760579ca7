/** Everything that is known before anybody is asked: the plugin, what it would replace, what looks wrong. Changes nothing. */
import { PluginError } from '../../errors.js'
import { isWithin } from '../../policy/self-approval.js'
import { shortPath } from '../describe-error.js'
import { findPlugin } from '../find-plugin.js'
import { lintPlugin } from '../lint-plugin.js'
import { placesOf, readBefore } from './before.js'
import { readCandidate } from './candidate.js'
import { proposalOf, type Proposal } from './consent.js'
import { findMisplaced } from '../misplaced.js'
import { alone, exists, recover } from './replace-directory.js'

export interface ProposeOptions {
  /** Real paths. */
  readonly pluginsDir: string
  readonly policiesDir: string
  readonly nodeVersion: string
  readonly dryRun: boolean
}

export async function propose(dir: string, options: ProposeOptions): Promise<Proposal> {
  const { pluginsDir, policiesDir, nodeVersion } = options
  const { name, dir: from } = await findPlugin(dir, nodeVersion)
  const places = placesOf(name, pluginsDir, policiesDir)
  checkApart(from, places.target)
  for (const plugin of [from, places.target]) checkApprovals(policiesDir, plugin)
  if (!options.dryRun && (await exists(pluginsDir))) await alone(places.target, () => recover(places.target))
  const before = await readBefore(name, places, nodeVersion)
  const candidate = await readCandidate(from, nodeVersion)
  const findings = lintPlugin({ policy: candidate.policy, approval: null, bundle: candidate.bundle })
  return proposalOf(candidate, before, places, {
    misplaced: await findMisplaced(from),
    findings: findings.filter(({ severity }) => severity !== 'info'),
  })
}

/** A copy into itself would never end, and a copy out of the place it replaces would lose what it copies. */
function checkApart(from: string, target: string): void {
  if (from === target || !(isWithin(target, from) || isWithin(from, target))) return
  throw new PluginError('CONFIG_INVALID', {
    option: '--plugins',
    directory: shortPath(target),
    message: 'the plugin and the place it goes to lie in each other',
    remedy: 'name a plugins directory outside of the plugin',
  })
}

/** Whoever writes a plugin's directory would write the approvals too, and an update would take them away. */
function checkApprovals(policiesDir: string, plugin: string): void {
  if (!isWithin(policiesDir, plugin)) return
  throw new PluginError('CONFIG_INVALID', {
    option: '--policies',
    directory: shortPath(policiesDir),
    message: 'the approvals would lie in the directory of a plugin',
    remedy: 'name a directory outside of the plugin, which only the operator writes to',
  })
}
