// The plugin's `http` does what Node's does: each case runs with Node's client and server, then with ours in either place.
import t from 'tap'
import { AGENT } from './agent-cases.js'
import { CLIENT, type Case } from './client-cases.js'
import { nodes, ours } from './modules.js'
import { SERVER } from './server-cases.js'
import { makeWorld } from './world.js'

const PAIRS = {
  'our client': [ours, nodes],
  'our server': [nodes, ours],
  'our client and server': [ours, ours],
} as const

const LATE = 'it takes too long'

async function run(use: Case, client: typeof nodes, server: typeof nodes): Promise<unknown> {
  const world = makeWorld(client, server)
  const late = new Promise((resolve) => setTimeout(resolve, 5000, LATE).unref())
  try {
    return await Promise.race([use(world), late])
  } catch (error) {
    return `threw ${String((error as Error).stack)}`
  } finally {
    await world.close()
  }
}

const only = process.env['CASE']
for (const [group, cases] of Object.entries({ client: CLIENT, server: SERVER, agent: AGENT })) {
  t.test(group, async (t) => {
    for (const [name, use] of Object.entries(cases)) {
      if (only !== undefined && !name.includes(only)) continue
      const expected = await run(use, nodes, nodes)
      if (expected === LATE || (typeof expected === 'string' && expected.startsWith('threw'))) {
        t.fail(`Node itself: ${name}: ${expected}`)
        continue
      }
      for (const [pair, [client, server]] of Object.entries(PAIRS)) {
        t.same(await run(use, client, server), expected, `${pair}: ${name}`)
      }
    }
  })
}
