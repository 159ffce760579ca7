/** node dist/test/flow/flood.js [SECONDS] [NAME]: every flood for so long, and what each cost the node. */
import { flood, FLOODS, startGood } from './flood-cases.js'

const seconds = Number(process.argv[2] ?? 60)
const name = process.argv[3] ?? ''
const good = await startGood()
for (const one of FLOODS) {
  const title = `${one.isolation} ${one.who} ${one.name}`
  if (!title.includes(name)) continue
  const cost = await flood(one, seconds * 1000, good.service)
  console.log(
    [
      title.padEnd(44),
      `share ${(100 * cost.share).toFixed(0)} %`.padEnd(12),
      `cores ${cost.cores.toFixed(2)}`.padEnd(11),
      `grew ${cost.grewMb.toFixed(1)} MiB`.padEnd(16),
      `worst ${cost.worstMs.toFixed(0)} ms`.padEnd(14),
      `${cost.state} ${cost.error ?? ''}`.padEnd(20),
      `answered ${cost.answered} ${JSON.stringify(cost.refused)}`,
      cost.limits.join(', '),
    ].join(' '),
  )
}
await good.stop()
