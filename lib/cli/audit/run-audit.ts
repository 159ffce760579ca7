/**
 * Starts one plugin as a node would, in a process of its own, behind its own grant and all walls, but with a thread
 * that can be asked for an audit; asks, and leaves nothing behind.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeBroker } from '../../cluster/broker.js'
import type { Descriptor } from '../../descriptor/descriptor.js'
import { PluginError } from '../../errors.js'
import {
  holdInspectorSignal,
  nodeClock,
  nodeLaunchPowers,
  optionPowers,
  readAuditThreadCode,
  workDirectoryIn,
} from '../../node-powers.js'
import { makePluginUnit } from '../../plugin-unit.js'
import { freezeGrant, type Grant } from '../../policy/grant.js'
import { prepare } from '../../prepare.js'
import { AUDIT_METHOD, type AuthorityReport } from '../../protocol/authority.js'
import { checkOptions } from '../../service-options.js'
import { MockCluster } from '../../testing/mock-cluster.js'
import { readReport } from './read-report.js'

export interface AuditOptions {
  /** `undefined`: what the plugin asks for is audited. */
  readonly policiesDir: string | undefined
  readonly nodeVersion: string
  /** Code of the plugin's thread; tests open a wall that way. */
  readonly threadCode?: Uint8Array
}

const DEADLINE_MS = 120_000

/** @throws PluginError what keeps the plugin from starting, or what ended the audit */
export async function runAudit(descriptor: Descriptor, options: AuditOptions): Promise<AuthorityReport> {
  const { name, dir } = descriptor
  const { policiesDir, nodeVersion, threadCode = readAuditThreadCode() } = options
  const dataDir = await mkdtemp(join(tmpdir(), 'bulkhead-audit-'))
  try {
    const { plugins, broken } = await prepare({
      pluginsDir: dir,
      policiesDir,
      dataDir,
      nodeVersion,
      wallTime: nodeClock.wallTime(),
      approveAll: policiesDir === undefined,
    })
    const [prepared] = plugins
    if (prepared === undefined) throw broken[0]?.error ?? new PluginError('PLUGIN_UNKNOWN', { plugin: name })
    holdInspectorSignal()
    const unit = makePluginUnit(
      { ...prepared, grant: withRoom(prepared.grant) },
      {
        options: checkOptions({ pluginsDir: dir, dataDir, nodeVersion }, optionPowers),
        launch: nodeLaunchPowers(threadCode),
        clock: nodeClock,
        cwd: workDirectoryIn(dataDir),
        broker: makeBroker({
          source: new MockCluster({ nodes: 1 }),
          clock: nodeClock,
          onLag: () => undefined,
          onDetached: () => undefined,
        }),
        // What an audit provokes says nothing of the plugin: its explorers are refused all the time.
        events: {
          transition: () => undefined,
          audit: () => undefined,
          limit: () => undefined,
          log: () => undefined,
          failure: () => undefined,
        },
        register: () => undefined,
      },
    )
    try {
      if (!(await unit.start()))
        throw unit.info().lastError ?? new PluginError('PLUGIN_START_FAILED', { plugin: name })
      const { value } = await unit.call(AUDIT_METHOD, { value: null }, { deadlineMs: DEADLINE_MS })
      return readReport(name, value)
    } finally {
      await unit.stop()
    }
  } finally {
    await rm(dataDir, { recursive: true, force: true })
  }
}

/** The same rights with more room: a crawl holds all that it has met, and keeps its thread busy. */
function withRoom(grant: Grant): Grant {
  const { limits } = grant
  return freezeGrant({
    ...grant,
    limits: {
      ...limits,
      heapMb: Math.max(limits.heapMb, 768),
      externalMb: Math.max(limits.externalMb, 256),
      messageBytes: Math.max(limits.messageBytes, 4_194_304),
      blockedMs: Math.max(limits.blockedMs, 30_000),
    },
  })
}
