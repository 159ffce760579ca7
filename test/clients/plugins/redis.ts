/** What a plugin does with `ioredis`. */
import { Redis, type RedisOptions } from 'ioredis'
import type { PluginDefinition } from 'bulkhead/plugin'
import { serveCases, type Cases } from './serve-cases.js'

export interface RedisFacts {
  readonly port: number
  readonly password: string
}

async function connected<Result>(
  { port, password }: RedisFacts,
  use: (redis: Redis) => Promise<Result>,
  more: Pick<RedisOptions, 'retryStrategy' | 'maxRetriesPerRequest'> = {},
): Promise<Result> {
  // Without a retry strategy a broken connection is the end, and its error is that of the calls.
  const redis = new Redis({
    host: '127.0.0.1',
    port,
    password,
    lazyConnect: true,
    retryStrategy: null,
    ...more,
  })
  let failed: unknown
  redis.on('error', (error) => (failed ??= error))
  try {
    await redis.connect()
    return await use(redis)
  } catch (error) {
    throw failed ?? error
  } finally {
    redis.disconnect()
  }
}

const cases: Cases<RedisFacts> = {
  setAndGet: (facts) =>
    connected(facts, async (redis) => {
      await redis.set('captain', 'ahab', 'EX', 100)
      return [await redis.get('captain'), await redis.get('nobody'), (await redis.ttl('captain')) > 0]
    }),
  bytes: (facts) =>
    connected(facts, async (redis) => {
      const bytes = Buffer.from(Uint8Array.from({ length: 200_000 }, (_, n) => n % 256))
      await redis.set('bytes', bytes)
      const back = await redis.getBuffer('bytes')
      return [Buffer.isBuffer(back), back?.equals(bytes) ?? false]
    }),
  pipeline: (facts) =>
    connected(facts, async (redis) => {
      const results = await redis.pipeline().set('n', 1).incr('n').lpush('n', 'x').incrby('n', 40).exec()
      return (results ?? []).map(([error, value]) => (error === null ? (value as string) : error.message))
    }),
  transaction: (facts) =>
    connected(
      facts,
      async (redis) => (await redis.multi().set('t', 'a').get('t').exec())?.[1]?.[1] as string,
    ),
  publish: (facts) =>
    connected(facts, (redis) =>
      connected(facts, async (subscriber) => {
        const heard = new Promise<string>((resolve) => {
          subscriber.once('message', (channel: string, text: string) => resolve(`${channel}: ${text}`))
        })
        await subscriber.subscribe('sea')
        const receivers = await redis.publish('sea', 'thar she blows')
        return [receivers, await heard]
      }),
    ),
  blockingPop: (facts) =>
    connected(facts, (redis) =>
      connected(facts, async (other) => {
        const empty = await redis.blpop('line', 0.05)
        const popped = redis.blpop('line', 5)
        await other.rpush('line', 'first')
        return [empty, await popped]
      }),
    ),
  script: (facts) =>
    connected(
      facts,
      async (redis) =>
        (await redis.eval('return redis.call("INCRBY", KEYS[1], ARGV[1])', 1, 's', 5)) as number,
    ),
  scan: (facts) =>
    connected(facts, async (redis) => {
      await redis.mset(Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`scan:${n}`, n])))
      let found = 0
      for await (const keys of redis.scanStream({ match: 'scan:*', count: 50 }))
        found += (keys as string[]).length
      return found
    }),
  wrongType: (facts) => connected(facts, async (redis) => redis.incr('captain')),
  wrongPassword: (facts) => connected({ ...facts, password: 'wrong' }, (redis) => redis.ping()),
  /** As the client is out of the box: it tries again for ever, and the plugin's calls give up after three. */
  retrying: (facts) =>
    connected(facts, (redis) => redis.ping(), { retryStrategy: () => 5, maxRetriesPerRequest: 3 }),
}

const plugin: PluginDefinition = serveCases(cases)
export default plugin
