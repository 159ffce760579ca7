/**
 * Entry of a plugin thread that is audited: the plugin thread of workers/plugin.ts, started in the same order and
 * with the same walls, and one method more. A script of its own (dist/workers/audit-thread.cjs), so that no
 * ordinary plugin thread holds any of it.
 */
// First: it takes what it needs before plugin.ts locks the realm down.
import { auditor } from './crawl/taken.js'
import { moreMethods, type Loaded } from './plugin.js'
import { AUDIT_METHOD } from '../lib/protocol/authority.js'
import { OWN_MODULES } from './attenuate/modules.js'
import type { Root } from './crawl/crawl.js'

moreMethods.set(AUDIT_METHOD, async (call, loaded) => {
  const { options, context, contextOfCall } = loaded
  const report = await auditor.audit({
    options,
    given: (makeAbort) =>
      options.harden({
        context: { ...context, signal: makeAbort().signal },
        'context of a call': contextOfCall(call),
      }),
    plugin: rootsOf(loaded),
    dir: '/data/.bulkhead-audit',
  })
  return { json: JSON.stringify(report) }
})

/** What the plugin itself holds once it has started: its globals and modules as it left them, its exports, its context. */
function rootsOf({ context, exported, compartment }: Loaded): readonly Root[] {
  const has = compartment.evaluate('module.exports = { globalThis, require, process }') as Readonly<
    Record<string, unknown>
  >
  const modules = compartment.evaluate(
    `module.exports = ${JSON.stringify([...OWN_MODULES])}.flatMap((id) => { try { return [[id, require(id)]] } catch { return [] } })`,
  ) as readonly (readonly [string, unknown])[]
  return [
    { path: 'exports', value: exported },
    { path: 'context', value: context },
    ...Object.entries(has).map(([path, value]) => ({ path, value })),
    ...modules.map(([id, value]) => ({ path: `require(${JSON.stringify(id)})`, value })),
  ]
}
