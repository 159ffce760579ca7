/** A plugin that runs every chain over everything trusted code ever handed to it, and says how far each came. */
import { CHAINS, ESCAPED, PROBE } from './chains.js'

export interface ChainResult {
  readonly name: string
  /** What code evaluated outside said; empty when nothing got out. */
  readonly reached: readonly string[]
  /** Objects looked at, and functions among them. */
  readonly seen: number
  readonly makers: number
}

const chainFunctions = CHAINS.map(
  ({ name, code }) => `[${JSON.stringify(name)}, async (given) => { ${code} }]`,
).join(',\n')

/** `run(given)` over every chain; usable inside a plugin and, as a control, in a realm without any wall. */
export const RUNNER: string = `${PROBE}
const CHAINS = [${chainFunctions}]
async function run(given) {
  const results = []
  for (const [name, chain] of CHAINS) {
    let value
    try {
      // A timer keeps the loop awake; a chain that never settles is given up.
      const late = new Promise((resolve) => setTimeout(resolve, 2000, new Error('it never settled')))
      value = await Promise.race([chain(given), late])
    } catch (error) { value = error }
    try { results.push({ name, ...(await probe(value, ${JSON.stringify(ESCAPED)})) }) }
    catch (error) { results.push({ name, reached: ['the probe failed: ' + error], seen: 0, makers: 0 }) }
  }
  return results
}`

export const ESCAPEE: string = `
const given = { require }
${RUNNER}
module.exports = {
  start(context) {
    given.startContext = context
    context.cluster.addListener(function (event) { given.event = event; given.listenerGot = [this, ...arguments] })
  },
  rest: [
    { method: 'POST', path: '/thenable', handle() {
      return { then(resolve, reject) { given.thenableGot = [this, resolve, reject, ...arguments]; resolve({ body: 'ok' }) } }
    } },
    { method: 'POST', path: '/to-json', handle() {
      return { body: { toJSON() { given.toJsonGot = [this, ...arguments, new Error('in JSON')]; return 'ok' } } }
    } },
    { method: 'POST', path: '/chains', async handle(request, context) {
      Object.assign(given, { request, context })
      return { body: await run(given) }
    } },
  ],
}`
