/** A crash report with something in each part. */
import type { CrashReport } from '../../lib/crash/report.js'

export const REPORT: CrashReport = {
  reportVersion: 1,
  plugin: 'demo',
  version: '1.2.3',
  time: '2026-01-01T00:00:00.000Z',
  error: {
    code: 'PLUGIN_CRASHED',
    message: 'the plugin ended before it answered',
    detail: { signal: 'SIGKILL' },
  },
  exit: { code: null, signal: 'SIGKILL', cause: 'exit' },
  state: 'running',
  uptimeMs: 1234,
  generation: 2,
  isolation: 'process',
  node: '20.19.0',
  bulkhead: '0.1.0',
  bundle: 'sha256-a',
  grant: 'sha256-b',
  calls: [{ at: 'GET /count/{id}', ageMs: 12 }],
  moreCalls: 0,
  samples: [
    {
      beforeMs: 5,
      rssBytes: 1,
      heapBytes: 2,
      cpuMs: 3,
      threads: 12,
      descriptors: 24,
      children: 0,
      loopUse: 0.5,
      beats: 7,
    },
  ],
  lastFailure: {
    beforeMs: 7,
    kind: 'unhandledRejection',
    message: 'oh',
    stack: 'Error: oh\n    at demo/index.ts:1:2',
  },
  log: [{ time: '2026-01-01T00:00:00.000Z', level: 'info', text: 'ready' }],
  output: 'last words',
  walls: [{ wall: 'files', holds: true, required: true, detail: 'denied' }],
  unreported: 0,
}
