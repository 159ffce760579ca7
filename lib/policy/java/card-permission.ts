/** `javax.smartcardio.CardPermission` of JDK 17: one terminal or `*`, and what may be done with its card. */
import { actionsCover } from './actions.js'
import { foldCase } from './fold-case.js'
import { invalidPermission } from './invalid-permission.js'
import type { JavaPermissionText } from './policy.js'

const CARD_ACTIONS: readonly string[] = [
  'connect',
  'exclusive',
  'getbasicchannel',
  'openlogicalchannel',
  'reset',
  'transmitcontrol',
]

export interface CardPermission {
  readonly terminal: string
  readonly actions: readonly string[]
}

/** @throws PluginError `JAVA_PERMISSION_INVALID` without a terminal, and for bad actions */
export function readCardPermission(text: JavaPermissionText): CardPermission {
  const { target, actions } = text
  if (target === null) throw invalidPermission(text, 'the terminal is missing', "name a terminal; '*' is any")
  if (actions === null) return { terminal: target, actions: [] }
  const written = new Set(actions.split(',').map(foldCase)) // no space is allowed around them
  for (const action of written) {
    if (action === '*' || CARD_ACTIONS.includes(action)) continue
    const remedy =
      'write * or some of connect, exclusive, getBasicChannel, openLogicalChannel, reset, transmitControl'
    throw invalidPermission(text, `'${action.slice(0, 80)}' is no action of this class`, remedy)
  }
  return {
    terminal: target,
    actions: CARD_ACTIONS.filter((action) => written.has('*') || written.has(action)),
  }
}

export function cardPermissionCovers(granted: CardPermission, asked: CardPermission): boolean {
  const covered = granted.terminal === '*' || granted.terminal === asked.terminal
  return covered && actionsCover(granted.actions, asked.actions)
}
