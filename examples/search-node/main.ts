/**
 * `npm start`: a search node with plugins, the show, and then a node to try things on.
 * Everything else is wired here: which folders, which signals, which exit code.
 */
import { mkdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import {
  emptyClusterState,
  memoryClusterState,
  PluginError,
  PluginsService,
  type MemoryClusterState,
} from 'bulkhead'
import { firstState } from './cluster.js'
import { NODE_VERSION, startNode } from './node.js'
import { parseOptions, USAGE, type Options } from './options.js'
import { show } from './show.js'
import { makeTerminal, type Terminal } from './terminal.js'

const root = new URL('../../../', import.meta.url)
const terminal = makeTerminal(process.stdout, process.env['NO_COLOR'])

async function main(options: Options): Promise<number> {
  terminal.line()
  terminal.line(
    `${terminal.paint.bold('A search node with plugins')}  node ${NODE_VERSION}, Node.js ${process.version}, isolation ${options.isolation}`,
  )
  const clusterState = memoryClusterState(emptyClusterState('bulkhead-example'))
  clusterState.publish('node starts', () => firstState('127.0.0.1:9300', NODE_VERSION))
  const dataDir = fileURLToPath(new URL('.data/search-node/', root))
  await mkdir(dataDir, { recursive: true })
  const plugins = await PluginsService.start({
    pluginsDir: fileURLToPath(new URL('examples/plugins/', root)),
    policiesDir: fileURLToPath(new URL('examples/policies/', root)),
    dataDir,
    nodeVersion: NODE_VERSION,
    clusterState,
    isolation: options.isolation,
    ...(options.auditLog === undefined ? {} : { auditLog: options.auditLog }),
  })
  plugins.on('auditLog', ({ message, state, lost }) => {
    process.stderr.write(`audit log: ${state}, ${lost} lines lost so far ${message}\n`)
  })
  try {
    return await serve(plugins, clusterState, options)
  } finally {
    await plugins.stop()
  }
}

async function serve(
  plugins: PluginsService,
  clusterState: MemoryClusterState,
  { isolation, once, ports }: Options,
): Promise<number> {
  const node = await startNode({ clusterState, plugins, ports })
  try {
    const answered = await show({ node, terminal, isolation })
    if (once) return answered ? 0 : 1
    sayWhatToTry(terminal, node.url)
    await interrupted()
    return 0
  } finally {
    await node.close()
  }
}

function sayWhatToTry({ line, paint, step }: Terminal, url: string): void {
  step(`The node goes on serving at ${url}`)
  line(`curl '${url}/_cat/plugins'`)
  line(`curl '${url}/_cat/indices'`)
  line(`curl '${url}/sotu/_search?q=liberty&size=2'`)
  line(`curl '${url}/_plugins/_index_watch'`)
  line(`curl -X POST '${url}/_plugins/_chaos/spin'`)
  line(`curl --json '{"agent":"curl/8.5.0"}' '${url}/visits/_doc?pipeline=agents'`)
  line(paint.dim('Ctrl-C ends it.'))
}

function interrupted(): Promise<unknown> {
  return new Promise((resolve) => {
    process.once('SIGINT', resolve)
    process.once('SIGTERM', resolve)
  })
}

function messageOf(error: unknown): string {
  if (error instanceof PluginError) return `${error.code}: ${error.message}`
  return error instanceof Error ? error.message : String(error)
}

/** Runs `step`; what it throws is one line for people and the exit code, never a stack. */
async function orExit<T>(exitCode: number, step: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await step()
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`)
    process.exitCode = exitCode
    return undefined
  }
}

const options = await orExit(2, () => parseOptions(process.argv.slice(2)))
if (options?.help === true) process.stdout.write(USAGE)
else if (options !== undefined) process.exitCode = await orExit(1, () => main(options))
