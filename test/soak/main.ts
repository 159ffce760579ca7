/** `npm run soak`: the command line around soak.ts; docs/soak.md says how to read it. */
import { randomInt } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { parseOptions, USAGE, type Options } from './options.js'
import { reportLines } from './report.js'
import { soak } from './soak.js'
import { checksOf, trendsOf } from './verdict.js'

const say = (line: string): void => void process.stdout.write(`${line}\n`)

async function main({ minutes, seed, json }: Options): Promise<boolean> {
  const interrupted = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => interrupted.abort())
  say(`Soak of ${minutes} minutes; repeat its choices with --seed ${seed}`)
  const result = await soak({ minutes, seed, interrupt: interrupted.signal, say })
  const checks = checksOf(result)
  for (const line of reportLines(result)) say(line)
  if (json !== undefined) {
    const all = { checks, trends: trendsOf(result.samples), ...result }
    await writeFile(json, `${JSON.stringify(all, null, 2)}\n`)
  }
  return checks.every(({ holds }) => holds)
}

try {
  const options = parseOptions(process.argv.slice(2), randomInt(2 ** 32))
  if (options.help) process.stdout.write(USAGE)
  else process.exitCode = (await main(options)) ? 0 : 1
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
