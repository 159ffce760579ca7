/** The command line of the soak. */
import { parseArgs } from 'node:util'

export interface Options {
  readonly minutes: number
  readonly seed: number
  /** Where the whole result goes as JSON. */
  readonly json: string | undefined
  readonly help: boolean
}

export const USAGE = `Usage: npm run soak -- [options]

Runs the example node under load with plugins that leak, crash, flood and hang, while
plugins' processes are killed, the clock jumps and the disk is full; says whether the
node kept its promises. Exit 0 if it did, 1 if not.

  --minutes <number>  how long; default 10
  --seed <number>     repeats the choices of an earlier soak; a random one is printed
  --json <file>       writes everything that was seen, each sample included
  --help              this text
`

const LARGEST_SEED = 2 ** 32 - 1

/** @throws Error whose message says what to write instead */
export function parseOptions(args: readonly string[], randomSeed: number): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: 'string', default: '10' },
      seed: { type: 'string' },
      json: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  const minutes = Number(values.minutes)
  if (!(minutes > 0 && minutes <= 10_000))
    throw new Error('--minutes must be a number above 0, such as 10 or 0.5')
  const seed = values.seed === undefined ? randomSeed : Number(values.seed)
  if (!Number.isInteger(seed) || seed < 0 || seed > LARGEST_SEED)
    throw new Error(`--seed must be a whole number from 0 to ${LARGEST_SEED}`)
  return { minutes, seed, json: values.json, help: values.help }
}
