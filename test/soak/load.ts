/** The load of a soak: the clients that write, and those that call plugins, each with its own sequence. */
import type { DocumentLedger } from './document-ledger.js'
import { runFileClient } from './file-client.js'
import type { HttpClient } from './http-client.js'
import { PIPELINES, runIngestClient } from './ingest-client.js'
import { PLUGIN_CALLS, runPluginClient } from './plugin-client.js'
import type { Random } from './random.js'

export interface LoadParts {
  readonly http: HttpClient
  readonly random: Random
  readonly documents: DocumentLedger
  /** Aborted when the load is to end; what is under way ends first, and what was written is read back. */
  readonly over: AbortSignal
  /** Aborted when the node is dead or stands still: nothing can be read back then. */
  readonly gone: AbortSignal
  /** How much of the soak is over, from 0 to 1. */
  readonly share: () => number
  readonly newId: () => string
}

const WRITERS: readonly string[] = ['one', 'two', 'three']

/** @throws Error when the node refuses a pipeline */
export async function putPipelines(http: HttpClient): Promise<void> {
  for (const [name, pipeline] of Object.entries(PIPELINES)) {
    const { status, body } = await http({
      kind: 'pipeline',
      method: 'PUT',
      path: `/_ingest/pipeline/${name}`,
      body: JSON.stringify(pipeline),
      deadlineMs: 5000,
    })
    if (status !== 200) throw new Error(`pipeline ${name}: ${status} ${JSON.stringify(body)}`)
  }
}

/** Resolves when `over` is aborted and every client has ended its last call. */
export async function runLoad(parts: LoadParts): Promise<void> {
  const own = (name: string): LoadParts => ({ ...parts, random: parts.random.fork(name) })
  await Promise.all([
    ...WRITERS.map((name) => runIngestClient(name, own(`writer ${name}`))),
    runFileClient(own('files')),
    ...PLUGIN_CALLS.map((calls) => runPluginClient(calls, own(calls.plugin))),
  ])
}
