/** What a soak saw, as lines for people. Pure. */
import { percentile } from '../../examples/search-node/latency.js'
import type { SoakSample } from './sampler.js'
import type { SoakResult } from './soak.js'
import { checksOf } from './verdict.js'

const MEBIBYTE = 1_048_576

export function reportLines(result: SoakResult): readonly string[] {
  const { last, documents, http, chaos, searches, samples } = result
  const counts = last?.counts
  return [
    '',
    `Soak of ${result.seconds} s, seed ${result.seed}, Node ${result.nodeVersion}`,
    '',
    ...checksOf(result).map(({ name, holds, says }) => `${holds ? 'holds' : 'FAILS'}  ${name}: ${says}`),
    '',
    'Chaos',
    ...table(chaos),
    ...(result.smallDisk ? [] : ['  the disk was not filled: only root can mount a small one']),
    '  plugins were not reloaded: the service has no reload of a plugin',
    '',
    'Crashes by plugin and kind',
    ...table(counts?.crashes ?? {}),
    ...table({
      restarts: counts?.restarts ?? 0,
      quarantines: counts?.quarantines ?? 0,
      releases: counts?.releases ?? 0,
      'grants renewed': counts?.renewals ?? 0,
      'failures nobody waited for': counts?.failures ?? 0,
      'log lines kept': counts?.logLines ?? 0,
    }),
    '',
    'Calls over HTTP',
    ...table(http.outcomes),
    `  documents not acknowledged: ${documents.refused}`,
    '',
    'Calls into plugins',
    ...table(last?.calls.outcomes ?? {}),
    '',
    'The node, once a second             least   median      p99     most',
    spread('resident memory, MB', samples, ({ rssBytes }) => rssBytes / MEBIBYTE),
    spread('heap after a collection, MB', samples, ({ heapBytes }) =>
      heapBytes === null ? undefined : heapBytes / MEBIBYTE,
    ),
    spread('memory outside the heap, MB', samples, ({ externalBytes }) => externalBytes / MEBIBYTE),
    spread('descriptors', samples, ({ descriptors }) => descriptors),
    spread('threads', samples, ({ threads }) => threads),
    spread('child processes', samples, ({ children }) => children),
    spread('event-loop delay p99, ms', samples, ({ loopP99Ms }) => loopP99Ms),
    spread('event-loop delay, longest, ms', samples, ({ loopMaxMs }) => loopMaxMs),
    spread('search p50, ms', samples, ({ searchP50Ms }) => searchP50Ms),
    spread('search p99, ms', samples, ({ searchP99Ms }) => searchP99Ms),
    '',
    `Searches in all: ${searches.searches}, p50 ${searches.p50Ms.toFixed(1)} ms, p99 ${searches.p99Ms.toFixed(1)} ms, longest ${searches.maxMs.toFixed(0)} ms`,
  ]
}

function table(counts: Readonly<Record<string, number>>): readonly string[] {
  return Object.entries(counts).map(([name, count]) => `  ${String(count).padStart(8)}  ${name}`)
}

function spread(
  name: string,
  samples: readonly SoakSample[],
  valueOf: (sample: SoakSample) => number | undefined,
): string {
  const sorted = samples.flatMap((sample) => valueOf(sample) ?? []).toSorted((one, other) => one - other)
  const cells = [0, 0.5, 0.99, 1].map((share) => percentile(sorted, share).toFixed(1).padStart(9))
  return `  ${name.padEnd(30)}${cells.join('')}`
}
