/**
 * What becomes of one entitlement, wherever it stands: rules for files and the network,
 * the table's word for the rest.
 */
import { readSocketPermission } from '../java/socket-permission.js'
import { peersOf, socketRules } from '../java/socket-rules.js'
import { refusal, type Verdict } from '../java/report.js'
import { fileRules } from './file-rules.js'
import { ENTITLEMENTS } from './known.js'
import type { Entitlement } from './parse.js'

export function judge(entitlement: Entitlement): Verdict {
  const { name } = entitlement
  if (entitlement.kind === 'file') return fileRules(entitlement.file)
  const known = ENTITLEMENTS.get(name)
  if (known === undefined) {
    return {
      outcome: 'no-counterpart',
      rules: [],
      reason: `Nothing is known of the entitlement ${name}, so nothing is granted for it.`,
      needsPerson: true,
      suggestion: null,
    }
  }
  const { fate } = known
  if (!('rule' in fate)) {
    const { outcome, reason, suggestion = null } = fate
    return { outcome, rules: [], reason, needsPerson: false, suggestion }
  }
  switch (fate.rule) {
    case 'files':
      return refusal('No file is named.', null)
    case 'connect':
      return anySocket('connect')
    case 'listen':
      return anySocket('listen,accept')
  }
}

/** Java's `SocketPermission "*"` is the same: any host on any port, and whoever comes may connect. */
function anySocket(actions: string): Verdict {
  const text = { class: 'java.net.SocketPermission', target: '*', actions }
  return socketRules(text, peersOf([readSocketPermission(text)]))
}
