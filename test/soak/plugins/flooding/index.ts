/** Says as much as it can for a while: log lines, failures nobody waits for, waits for cluster states. */
import type { PluginDefinition } from 'bulkhead/plugin'

const FLOOD_MS = 400
const LINE = 'flood '.repeat(40)

const plugin: PluginDefinition = {
  rest: [
    {
      method: 'POST',
      path: '/_plugins/_flooding',
      handle: async (_request, { log, cluster }) => {
        const endAt = Date.now() + FLOOD_MS
        let lines = 0
        while (Date.now() < endAt) {
          for (let burst = 0; burst < 500; burst += 1) log.info(lines++, LINE)
          for (let burst = 0; burst < 20; burst += 1) {
            cluster.waitForNextChange(() => false, 5000).catch(() => undefined)
            void Promise.reject(new Error(`late ${burst}`))
          }
          await new Promise((resolve) => setTimeout(resolve, 1))
        }
        return { body: { lines } }
      },
    },
  ],
}
export default plugin
