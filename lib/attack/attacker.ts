/** Attacks as plugins: their source, and their directories as an author would lay them out. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Limits } from '../policy/document.js'
import { ATTACK_GRANT, ATTACK_LIMITS, ATTACK_START_MS, type AttackCase } from './attack-case.js'

/** A plugin and the attacks it holds: one module, or any number of handlers. */
export interface Attacker {
  readonly plugin: string
  readonly source: string
  readonly limits: Partial<Limits>
}

/** What every attack finds beside the globals of a plugin. */
const PREAMBLE = `
import fs from 'node:fs'
import net from 'node:net'
import zlib from 'node:zlib'
import nodeCrypto from 'node:crypto'
import { EventEmitter } from 'node:events'
import { PassThrough, Readable } from 'node:stream'
const load = require
const turn = (delayMs = 1) => new Promise((resolve) => setTimeout(resolve, delayMs))
const forever = new Promise(() => {})
const BUSY_MS = 250
/** Does it again and again for a while, and lets the thread breathe in between. */
const keepUp = async (act) => {
  const until = Date.now() + BUSY_MS
  let times = 0
  while (Date.now() < until) {
    for (let at = 0; at < 50; at++) act(times++)
    await turn()
  }
  return times
}
`

export function alivePath(plugin: string): string {
  return `/_alive/${plugin}`
}

export function attackPath(attack: AttackCase): string {
  return `/_attack/${attack.name}`
}

/** Attackers that hold the handlers of those cases, one for each set of limits. */
export function handlerAttackers(
  attacks: readonly AttackCase[],
): ReadonlyMap<Attacker, readonly AttackCase[]> {
  const byLimits = new Map<string, AttackCase[]>()
  for (const attack of attacks) {
    const key = JSON.stringify(attack.limits ?? {})
    byLimits.set(key, [...(byLimits.get(key) ?? []), attack])
  }
  return new Map(
    [...byLimits.values()].map((group, index) => {
      const plugin = `attacker-${index + 1}`
      const routes = group.map(
        (attack) =>
          `{ method: 'POST', path: ${JSON.stringify(attackPath(attack))}, async handle(request, context) {\n${attack.code}\n} },`,
      )
      const source = `${PREAMBLE}${aliveRoute(plugin)}
export default { rest: [alive, ${routes.join('\n')}] }`
      return [{ plugin, source, limits: { ...ATTACK_LIMITS, ...group[0]?.limits } }, group]
    }),
  )
}

const MODULE_ATTACKER = 'attacker'

export function moduleAttacker({ code, limits, provoke }: AttackCase): Attacker {
  const attacksStart = provoke === 'load' || provoke === 'start'
  return {
    plugin: MODULE_ATTACKER,
    source: `${PREAMBLE}${aliveRoute(MODULE_ATTACKER)}\n${code}`,
    limits: { ...ATTACK_LIMITS, ...(attacksStart ? { startTimeoutMs: ATTACK_START_MS } : {}), ...limits },
  }
}

function aliveRoute(plugin: string): string {
  return `const alive = { method: 'GET', path: '${alivePath(plugin)}', handle: () => ({ body: 'alive' }) }`
}

/** The plugin that does no harm; it must not feel any. */
export const NEIGHBOUR: Attacker = {
  plugin: 'neighbour',
  source: `${aliveRoute('neighbour')}\nexport default { rest: [alive] }`,
  limits: {},
}

export async function writeAttacker(pluginsDir: string, { plugin, source, limits }: Attacker): Promise<void> {
  const dir = join(pluginsDir, plugin)
  await mkdir(dir, { recursive: true })
  const standard = { version: '0.0.0', main: 'index.js', searchNode: '*' }
  const descriptor = { name: plugin, description: 'attacks the node for bulkhead attack', ...standard }
  await writeFile(join(dir, 'plugin.json'), JSON.stringify(descriptor))
  await writeFile(join(dir, 'policy.json'), JSON.stringify({ policyVersion: 1, grant: ATTACK_GRANT, limits }))
  await writeFile(join(dir, 'index.js'), source)
}
