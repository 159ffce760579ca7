/**
 * `npm start`: a search node with plugins, the show, and then a node to try things on.
 * Everything else is wired here: which folders, which signals, which exit code.
 */
import { mkdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { memoryClusterState, PluginError, PluginsService } from 'bulkhead'
import { firstState } from './cluster.js'
import { NODE_VERSION, startNode } from './node.js'
import { parseOptions, USAGE, type Options } from './options.js'
import { show } from './show.js'
import { makeTerminal, type Terminal } from './terminal.js'

const root = new URL('../../../', import.meta.url)
const terminal = makeTerminal(process.stdout, process.env['NO_COLOR'])

async function main(args: readonly string[]): Promise<number> {
  const options = parseOptions(args)
  if (options.help) {
    process.stdout.write(USAGE)
    return 0
  }
  terminal.line()
  terminal.line(
    `${terminal.paint.bold('A search node with plugins')}  node ${NODE_VERSION}, Node.js ${process.version}, isolation ${options.isolation}`,
  )
  const clusterState = memoryClusterState()
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
  })
  try {
    return await serve(plugins, clusterState, options)
  } finally {
    await plugins.stop()
  }
}

async function serve(
  plugins: PluginsService,
  clusterState: ReturnType<typeof memoryClusterState>,
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
  line(`curl -X PUT '${url}/notes/_doc/1' -H 'content-type: application/json' -d '{"text":"hello"}'`)
  line(paint.dim('Ctrl-C ends it.'))
}

function interrupted(): Promise<unknown> {
  return new Promise((resolve) => {
    process.once('SIGINT', resolve)
    process.once('SIGTERM', resolve)
  })
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  const reason = error instanceof PluginError ? `${error.code}: ${error.message}` : String(error)
  process.stderr.write(`${reason}\n`)
  process.exitCode = 1
}
