/**
 * What becomes of one Java permission, wherever it stands: the table's word for it, or
 * that of the rules for its class.
 */
import { PluginError } from '../../errors.js'
import { checkPattern } from '../check-pattern.js'
import type { FileIndex } from './file-index.js'
import { ALL_FILES, fileRules } from './file-rules.js'
import { leftProperty } from './fill-properties.js'
import { implies } from './implies.js'
import { findClass, findProperty, findTarget, type JavaPermissionTable } from './permission-table.js'
import type { JavaPermissionText } from './policy.js'
import { byHand, refusal, type RuleText, type Verdict } from './report.js'
import { ANY_SOCKET, socketRules, type Peers } from './socket-rules.js'

/** What holds wherever the judged permission does, itself included. */
export interface Neighbours {
  readonly files: FileIndex
  readonly peers: Peers
}

/** @param acceptAll - why everything at once is not to be refused */
export function judge(
  text: JavaPermissionText,
  neighbours: Neighbours,
  table: JavaPermissionTable,
  acceptAll: string | undefined,
): Verdict {
  const entry = findClass(table, text.class)
  if (entry === undefined) {
    return {
      outcome: 'no-counterpart',
      rules: [],
      reason: `Nothing is known of the class ${text.class}, so nothing is granted for it.`,
      needsPerson: true,
      suggestion: null,
    }
  }
  const left = leftProperty(text.target)
  if ('rule' in entry && left !== undefined) return withoutValue(left, table)
  const fault = left === undefined ? faultOf(text) : undefined
  if (fault !== undefined) return fault
  if ('rule' in entry) {
    switch (entry.rule) {
      case 'all':
        return everything(acceptAll)
      case 'file':
        return fileRules(text, neighbours.files)
      case 'socket':
        return socketRules(text, neighbours.peers)
    }
  }
  const fate = findTarget(entry, text.target ?? '') ?? entry.otherwise
  if ('rule' in fate) return variable(text.target ?? '')
  const { outcome, reason, needsPerson = false, suggestion = null, acceptable = false } = fate
  if (acceptable && acceptAll !== undefined) {
    const accepted = `Accepted: ${acceptAll}; but no rule stands for all of it, so what the plugin needs has to be named.`
    return { outcome: 'no-counterpart', rules: [], reason: accepted, needsPerson: true, suggestion }
  }
  return { outcome, rules: [], reason, needsPerson, suggestion }
}

/** What the JDK's constructor says against it; the JDK leaves such a line out. */
function faultOf(text: JavaPermissionText): Verdict | undefined {
  try {
    implies(text, text)
    return undefined
  } catch (error) {
    if (!(error instanceof PluginError) || error.code !== 'JAVA_PERMISSION_INVALID') throw error
    const { message, remedy } = error.detail
    return refusal(`The JDK refuses to make this permission: ${String(message)}.`, String(remedy))
  }
}

function withoutValue(name: string, table: JavaPermissionTable): Verdict {
  const known = findProperty(table, name)
  if (known === undefined) {
    return refusal(`The property ${name} has no value here.`, 'the rule with the value that the property had')
  }
  const { outcome = 'refused', reason, suggestion = null } = known
  return { outcome, rules: [], reason, needsPerson: outcome === 'refused', suggestion }
}

const EVERYTHING: readonly RuleText[] = [
  { capability: 'fs.read', pattern: ALL_FILES },
  { capability: 'fs.write', pattern: ALL_FILES },
  ...ANY_SOCKET,
]

function everything(acceptAll: string | undefined): Verdict {
  const suggestion = 'rules for the files, hosts and variables that the plugin needs'
  return acceptAll === undefined
    ? refusal('Everything at once is not translated unless somebody says why.', suggestion)
    : {
        outcome: 'mapped',
        rules: EVERYTHING,
        reason: `Everything that one rule can reach, accepted: ${acceptAll}.`,
        needsPerson: true,
        suggestion,
      }
}

const GETENV = 'getenv.'

function variable(target: string): Verdict {
  const name = target.slice(GETENV.length)
  const unfit = checkPattern('env', name)
  return unfit === undefined
    ? {
        outcome: 'mapped',
        rules: [{ capability: 'env', pattern: name }],
        reason: 'Granted exactly.',
        needsPerson: false,
        suggestion: null,
      }
    : refusal(
        `Variables are granted by their exact names: ${unfit.fault}.`,
        `${byHand('env', ['NAME'])} for each variable the plugin reads`,
      )
}
