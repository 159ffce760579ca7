/** Process of its own for the bench of powers: the plugin's loops in plain Node, one JSON line each way. */
import { setPriority } from 'node:os'
import { createInterface } from 'node:readline'
import { NICENESS } from '../lib/supervisor/run.js'
import { cases, type LoadFacts } from '../test/clients/plugins/load.js'

setPriority(0, NICENESS)
for await (const line of createInterface({ input: process.stdin })) {
  const { name, facts } = JSON.parse(line) as { readonly name: string; readonly facts: LoadFacts }
  process.stdout.write(`${JSON.stringify(await cases[name]?.(facts))}\n`)
}
