/** Stands in for workers/audit.ts: the audit of a thread that has fallen, which says whatever it likes. */
import type { Tell } from '../../workers/attenuate/tell.js'
import type { Audit } from '../../workers/audit.js'

type Send = (batch: never) => boolean

const ENTRY = { operation: 'fs.read', resource: '/etc/shadow', allowed: false, rule: 'forged', count: 1 }
const FORGED: Readonly<Record<string, unknown>> = {
  'no-list': { ...ENTRY },
  'no-count': [{ ...ENTRY, count: -1 }],
  'long-text': [{ ...ENTRY, resource: 'x'.repeat(100_000) }],
  'many-entries': Array(5000).fill(ENTRY),
}

/** The plugin says which forgery by the name of a file it tries to read. */
export function makeAudit({ send }: { readonly send: Send }): Audit {
  const tell: Tell = (_operation, resource) => {
    const name = resource.split('/').at(-1) ?? ''
    if (name === 'flood') {
      const other = { ...ENTRY, plugin: 'another', time: '2000-01-01', resource: 'a\n{"plugin":"another"}' }
      for (let left = 100; left > 0; left--) send(Array(32).fill({ ...other, count: 0xffff_ffff }) as never)
    }
    if (Object.hasOwn(FORGED, name)) send(FORGED[name] as never)
  }
  return { tell, flush: () => undefined }
}
