/**
 * `bulkhead run DIR`: plugins without a search node, against a cluster in memory. Shows
 * what they do as they do it and serves their REST on loopback when asked. What a
 * search node would refuse is refused here too, unless `--trust` says otherwise.
 */
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { Option, type Command } from 'commander'
import { PluginError } from '../errors.js'
import { realPathOf } from '../node-powers.js'
import type { PluginInfo } from '../plugin-info.js'
import type { Json } from '../protocol/cluster-state.js'
import type { PluginsService } from '../service.js'
import type { Isolation } from '../supervisor/options.js'
import type { Launcher } from '../supervisor/worker-options.js'
import { startupRows } from '../supervisor/startup.js'
import { errorJson, errorLines, shortPath } from './describe-error.js'
import { EXIT, EXIT_CODES_HELP, type ExitCode } from './exit-code.js'
import { DEFAULT_NODE_VERSION } from './node-version.js'
import { plainLine } from './plain.js'
import type { RestServer } from './rest-server.js'
import { showEvents } from './show-events.js'
import { besideOnly, writeJson, type Terminal } from './terminal.js'
import { table } from './text-table.js'

interface RunOptions {
  readonly policies?: string
  readonly data?: string
  readonly nodeVersion: string
  readonly isolation: Isolation
  readonly launcher: Launcher
  readonly settings?: string
  readonly port?: number
  readonly auditLog?: string
  readonly crashReports?: string
  readonly standby?: true
  readonly startUp?: true
  readonly once?: true
  readonly trust?: true
  readonly json?: true
}

export function addRun(program: Command, terminal: Terminal, exit: (code: ExitCode) => void): void {
  program
    .command('run')
    .summary('run plugins without a search node')
    .description(
      'Runs the plugins of a directory against a one-node cluster in memory, each in a process of\n' +
        'its own behind its own policy, shows their life, logs, denials and the limits they run into, and\n' +
        'goes on until Ctrl-C.',
    )
    .argument('<dir>', "plugins directory (one directory a plugin), or one plugin's own directory")
    .option('--policies <dir>', "the operator's approvals, one <plugin>.json each")
    .option('--trust', 'approve every plugin as it stands, for this run only')
    .option('--data <dir>', "directory for the plugins' data (default: one that is removed at the end)")
    .option('--node-version <version>', 'version of the search node', DEFAULT_NODE_VERSION)
    .addOption(
      new Option('--isolation <kind>', "'thread' has no crash boundary")
        .choices(['process', 'thread'])
        .default('process'),
    )
    .addOption(
      new Option('--launcher <kind>', "'bwrap' puts each plugin into namespaces of its own")
        .choices(['plain', 'bwrap'])
        .default('plain'),
    )
    .option('--settings <file>', "JSON file with the node's settings")
    .option('--port <port>', "serve the plugins' REST on 127.0.0.1; 0 takes any free port", portOf)
    .option('--audit-log <file>', 'append each privileged operation and each denial to a file, as JSON lines')
    .option(
      '--crash-reports <dir>',
      'write a file for each crash of a plugin, to be read with bulkhead crashes',
    )
    .option(
      '--standby',
      'keep a spare process for each plugin (about 32 MB), so that a crash costs less time',
    )
    .option('--start-up', 'show where the time of each start went')
    .option('--once', 'stop after the start')
    .option('--json', 'print one JSON document once the plugins are started; events go to standard error')
    .addHelpText(
      'after',
      `
Examples:
  bulkhead run my-plugin --trust --port 9200
  bulkhead run plugins --policies policies --settings settings.json
  bulkhead run plugins --policies policies --once --json
  bulkhead run plugins --policies policies --audit-log audit.log

Ctrl-C stops the plugins and exits with 0; a second one does not wait for them.
A thread that cannot be ended (--isolation thread) ends the whole process by SIGKILL then.
With --once it exits with 1 when a plugin did not start.
${EXIT_CODES_HELP}`,
    )
    .action(async (dir: string, options: RunOptions) => exit(await run(dir, options, terminal)))
}

function portOf(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : NaN
  if (port <= 65_535) return port
  throw new PluginError('CONFIG_INVALID', {
    option: '--port',
    value: text,
    remedy: 'a number from 0 to 65535',
  })
}

async function run(dir: string, options: RunOptions, result: Terminal): Promise<ExitCode> {
  const terminal = options.json ? besideOnly(result) : result
  const settings = options.settings === undefined ? {} : await readSettings(options.settings)
  // What help does not need is loaded late.
  const [{ openService }, { MockCluster }, { serveRest }] = await Promise.all([
    import('../service.js'),
    import('../testing/mock-cluster.js'),
    import('./rest-server.js'),
  ])
  const interrupted = waitForInterrupt()
  if (options.trust) warnOfTrust(terminal)
  const dataDir = await openDataDir(options.data)
  let service: PluginsService | undefined
  let rest: RestServer | undefined
  try {
    const policiesDir = options.policies === undefined ? undefined : resolve(options.policies)
    const opening = openService(
      {
        pluginsDir: realPathOf(resolve(dir)),
        dataDir: dataDir.path,
        nodeVersion: options.nodeVersion,
        settings,
        clusterState: new MockCluster({ nodes: 1 }),
        isolation: options.isolation,
        launcher: options.launcher,
        standby: options.standby === true,
        ...(policiesDir === undefined ? {} : { policiesDir }),
        ...(options.auditLog === undefined ? {} : { auditLog: resolve(options.auditLog) }),
        ...(options.crashReports === undefined ? {} : { crashReports: resolve(options.crashReports) }),
      },
      {
        ...(options.trust ? { approveAll: true } : {}),
        onCreated(created) {
          service = created
          showEvents(created, terminal)
        },
      },
    )
    // Ctrl-C while a plugin is starting stops it in the middle.
    await Promise.race([opening, interrupted.promise.then(() => service?.stop())])
    const started = await opening
    if (interrupted.happened()) return EXIT.fine
    const plugins = started.list()
    if (options.port !== undefined) rest = await serveRest(started, options.port)
    if (options.json) writeJson(toJson(plugins, rest))
    showPlugins(plugins, terminal, policiesDir)
    if (options.startUp) showStartups(plugins, terminal)
    if (options.once) return plugins.every(({ state }) => state === 'running') ? EXIT.fine : EXIT.finding
    if (rest !== undefined) terminal.line(`REST on ${terminal.bold(rest.url)}`)
    terminal.note(terminal.dim('Ctrl-C stops.'))
    await interrupted.promise
    return EXIT.fine
  } finally {
    await rest?.close()
    await service?.stop()
    await dataDir.remove()
    interrupted.forget()
    if (service !== undefined) endWithLostThreads(service, terminal)
  }
}

/** Node waits for its threads when it exits, and one that sits in native code may sit there for ever. */
function endWithLostThreads(service: PluginsService, { note, yellow }: Terminal): void {
  const names = service.list().flatMap(({ name, lostThreads }) => (lostThreads > 0 ? [plainLine(name)] : []))
  if (names.length === 0) return
  note(yellow(`A thread of ${names.join(', ')} cannot be ended; this process ends itself with SIGKILL.`))
  process.kill(process.pid, 'SIGKILL')
}

function warnOfTrust({ note, yellow, bold }: Terminal): void {
  note(yellow(bold('WARNING  --trust: every plugin gets all that its policy.json asks for, unread.')))
  note(yellow('         For this run only; nothing is written. Never run plugins of strangers this way.'))
}

function showPlugins(
  plugins: readonly PluginInfo[],
  terminal: Terminal,
  policiesDir: string | undefined,
): void {
  const { line, green, red, dim } = terminal
  line()
  if (plugins.length === 0) return line('no plugins')
  const rows = plugins.map(({ name, version, state, isolation, pid, threadId, heap, rss, denials }) => [
    plainLine(name),
    version ?? '-',
    state === 'running' ? green(state) : red(state),
    pid === null && threadId === null ? '-' : isolation,
    String(pid ?? threadId ?? '-'),
    mebibytes(heap),
    mebibytes(rss),
    String(denials),
  ])
  const titles = ['plugin', 'version', 'state', 'isolation', 'pid/thread', 'heap', 'rss', 'denials']
  const [head = '', ...body] = table(titles, rows, terminal.width)
  line(dim(head))
  for (const row of body) line(row)
  for (const { name, lastError, state } of plugins) {
    if (lastError === null || state === 'running') continue
    line()
    line(`${terminal.bold(plainLine(name))} did not start`)
    for (const each of errorLines(lastError, terminal, { policiesDir }, '  ')) line(each)
  }
  line()
}

function showStartups(plugins: readonly PluginInfo[], { line, dim, bold, width }: Terminal): void {
  for (const { name, startup } of plugins) {
    if (startup === null) continue
    const rows = startupRows(startup)
    const wholeMs = startup.launchMs + startup.loadMs + startup.startMs
    line(`${bold(plainLine(name))} started in ${wholeMs.toFixed(0)} ms`)
    const cells = rows.map(({ depth, what, ms }) => [ms.toFixed(1).padStart(7), '  '.repeat(depth) + what])
    const [head = '', ...body] = table(['     ms', 'spent on'], cells, width)
    line(dim(head))
    for (const row of body) line(row)
    line()
  }
}

function mebibytes(bytes: number | null): string {
  return bytes === null ? '-' : `${(bytes / 1_048_576).toFixed(1)} MiB`
}

function toJson(plugins: readonly PluginInfo[], rest: RestServer | undefined): object {
  return {
    ok: plugins.every(({ state }) => state === 'running'),
    url: rest?.url ?? null,
    plugins: plugins.map((plugin) => ({
      ...plugin,
      lastError: plugin.lastError === null ? null : errorJson(plugin.lastError),
    })),
  }
}

async function readSettings(file: string): Promise<{ readonly [key: string]: Json }> {
  const invalid = (message: string, remedy: string): PluginError =>
    new PluginError('CONFIG_INVALID', {
      option: '--settings',
      file: shortPath(resolve(file)),
      message,
      remedy,
    })
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw invalid(`it cannot be read (${error.code ?? error.message})`, 'name a JSON file that exists')
  })
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw invalid(`it is no JSON: ${(error as Error).message}`, 'write one JSON object')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid('it holds no object', 'write settings by key: { "s3": { "client": "default" } }')
  return value as { readonly [key: string]: Json }
}

interface DataDir {
  readonly path: string
  remove(): Promise<void>
}

async function openDataDir(given: string | undefined): Promise<DataDir> {
  if (given !== undefined) {
    const path = resolve(given)
    await mkdir(path, { recursive: true })
    return { path, remove: () => Promise.resolve() }
  }
  const path = await mkdtemp(join(tmpdir(), 'bulkhead-run-'))
  return { path, remove: () => rm(path, { recursive: true, force: true }) }
}

interface Interrupt {
  readonly promise: Promise<void>
  readonly happened: () => boolean
  readonly forget: () => void
}

function waitForInterrupt(): Interrupt {
  let happened = false
  let tell: () => void = () => undefined
  const promise = new Promise<void>((done) => (tell = done))
  const onSignal = (): void => {
    if (happened) endNow()
    happened = true
    tell()
  }
  // The plugins' processes end with this one. No process.exit(): that waits for threads, however they were started.
  const endNow = (): void => {
    forget()
    process.kill(process.pid, 'SIGINT')
  }
  const forget = (): void => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, onSignal)
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, onSignal)
  return {
    promise,
    happened: () => happened,
    forget,
  }
}
