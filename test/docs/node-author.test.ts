// The tables of docs/node-author.md have every option, every event and every field of list(), and no other.
import t from 'tap'
import type { PluginError } from '../../lib/errors.js'
import type { PluginInfo } from '../../lib/plugin-info.js'
import { PluginsService, type PluginsServiceEvents } from '../../lib/service.js'
import { namesIn } from './tables.js'

const page = 'docs/node-author.md'

t.test('options', async (t) => {
  const error = await PluginsService.start({ colour: 'red' } as never).catch((thrown: unknown) => thrown)
  const known = /known ones are (.*)$/.exec(String((error as PluginError).detail['remedy']))?.[1]?.split(', ')
  t.same(namesIn(page, 'option'), known)
})

t.test('events', async (t) => {
  const events = {
    plugin: true,
    restarted: true,
    quarantined: true,
    audit: true,
    auditLog: true,
    denied: true,
    limit: true,
    log: true,
    failure: true,
    breaker: true,
    fallback: true,
    crashReport: true,
    lag: true,
  } satisfies Record<keyof PluginsServiceEvents, true>
  t.same(namesIn(page, 'event'), Object.keys(events))
})

t.test('fields of list()', async (t) => {
  const fields = {
    name: true,
    version: true,
    state: true,
    isolation: true,
    pid: true,
    threadId: true,
    heap: true,
    rss: true,
    cpu: true,
    loop: true,
    threads: true,
    descriptors: true,
    calls: true,
    inFlight: true,
    operations: true,
    denials: true,
    failures: true,
    limitHits: true,
    warnings: true,
    restarts: true,
    lostThreads: true,
    lastError: true,
    breakers: true,
    fallbacks: true,
    walls: true,
    startup: true,
    standby: true,
  } satisfies Record<keyof PluginInfo, true>
  t.same([...namesIn(page, '`list()`')].sort(), Object.keys(fields).sort())
})
