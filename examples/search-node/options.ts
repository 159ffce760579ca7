/** The command line of the example. */
import { parseArgs } from 'node:util'

export interface Options {
  /** End after the show instead of serving on. */
  readonly once: boolean
  /** Ports to try in turn; 0 is any free one. */
  readonly ports: readonly number[]
  readonly isolation: 'process' | 'thread'
  /** Where the plugins' privileged operations go as JSON lines. */
  readonly auditLog: string | undefined
  readonly help: boolean
}

export const USAGE = `Usage: npm start -- [options]

Starts a small search node with three plugins, one of which misbehaves in nine ways,
and shows what happens to the plugin and to the node.

  --once                 end after the show; exit 0 if every search was answered, else 1
  --port <number>        port to serve on; default 9200, any free port when that is taken
  --isolation <kind>     process (default): each plugin in a process of its own
                         thread: in the node's process; no crash boundary, leaks are left out
  --audit-log <file>     append each privileged operation of a plugin and each denial, as JSON lines
  --help                 this text
`

/** @throws Error whose message says what to write instead */
export function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      once: { type: 'boolean', default: false },
      port: { type: 'string' },
      isolation: { type: 'string', default: 'process' },
      'audit-log': { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  const { isolation, once, help } = values
  if (isolation !== 'process' && isolation !== 'thread') {
    throw new Error(`--isolation must be process or thread, got ${JSON.stringify(isolation)}`)
  }
  return {
    once,
    help,
    isolation,
    auditLog: values['audit-log'],
    ports: values.port === undefined ? [9200, 0] : [parsePort(values.port)],
  }
}

function parsePort(text: string): number {
  const port = Number(text)
  if (/^\d+$/.test(text) && port <= 65_535) return port
  throw new Error(`--port must be a whole number from 0 to 65535, got ${JSON.stringify(text)}`)
}
