/** What a plugin does with `pg`. */
import pg from 'pg'
import type { PluginDefinition } from 'bulkhead/plugin'
import { serveCases, type Cases, told } from './serve-cases.js'

export interface PostgresFacts {
  readonly port: number
  readonly user: string
  readonly password: string
  readonly database: string
  readonly certificate: string
}

async function connected<Result>(
  { port, user, password, database }: PostgresFacts,
  use: (client: pg.Client) => Promise<Result>,
  more: pg.ClientConfig = {},
): Promise<Result> {
  const client = new pg.Client({ host: '127.0.0.1', port, user, password, database, ...more })
  await client.connect()
  try {
    return await use(client)
  } finally {
    await client.end()
  }
}

interface Whale {
  readonly id: number
  readonly name: string
  readonly length: number | null
  readonly seen: Date
  readonly tags: { readonly [name: string]: boolean }
  readonly photo: Buffer
}

const cases: Cases<PostgresFacts> = {
  connect: (facts) =>
    connected(facts, async (client) => {
      const { rows } = await client.query<{ who: string; one: number }>(
        'SELECT current_user AS who, 1 AS one',
      )
      return rows
    }),
  create: (facts) =>
    connected(facts, async (client) => {
      const columns =
        'id serial PRIMARY KEY, name text NOT NULL UNIQUE, length float8, seen timestamptz, tags jsonb, photo bytea'
      const { command } = await client.query(`CREATE TABLE whales (${columns})`)
      return command
    }),
  insert: (facts) =>
    connected(facts, async (client) => {
      const values = ["Moby 'Dick'; --", 26.5, new Date(0), { white: true }, Buffer.from([0, 255, 92])]
      const { rowCount } = await client.query(
        'INSERT INTO whales (name, length, seen, tags, photo) VALUES ($1, $2, $3, $4, $5)',
        values,
      )
      return rowCount
    }),
  select: (facts) =>
    connected(facts, async (client) => {
      const { rows } = await client.query<Whale>('SELECT * FROM whales WHERE name = $1', ["Moby 'Dick'; --"])
      const isDate = rows[0]?.seen instanceof Date && Buffer.isBuffer(rows[0].photo)
      return {
        isDate,
        rows: rows.map((row) => ({ ...row, seen: row.seen.getTime(), photo: [...row.photo] })),
      }
    }),
  rollback: (facts) =>
    connected(facts, async (client) => {
      await client.query('BEGIN')
      await client.query("INSERT INTO whales (name) VALUES ('Orca')")
      const inside = await client.query("SELECT 1 FROM whales WHERE name = 'Orca'")
      await client.query('ROLLBACK')
      const after = await client.query("SELECT 1 FROM whales WHERE name = 'Orca'")
      return [inside.rowCount, after.rowCount]
    }),
  manyRows: (facts) =>
    connected(facts, async (client) => {
      const text = "SELECT n, repeat('whale ', 10) || n AS text FROM generate_series(1, 10000) AS n"
      const { rows } = await client.query<{ n: number; text: string }>(text)
      return {
        count: rows.length,
        sum: rows.reduce((sum, { n }) => sum + n, 0),
        last: rows.at(-1)?.text ?? '',
      }
    }),
  duplicate: (facts) =>
    connected(facts, async (client) => {
      await client.query('INSERT INTO whales (name) VALUES ($1)', ["Moby 'Dick'; --"])
      return 'it was inserted twice'
    }),
  wrongPassword: (facts) =>
    connected({ ...facts, password: 'wrong' }, () => Promise.resolve('it was let in')),
  tls: (facts) =>
    connected(
      facts,
      async (client) => {
        const { rows } = await client.query<{ ssl: boolean; version: string }>(
          'SELECT ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()',
        )
        return rows
      },
      { ssl: { ca: facts.certificate } },
    ),
  untrusted: (facts) => connected(facts, () => Promise.resolve('it was trusted'), { ssl: true }),
  async pool(facts) {
    const { port, user, password, database } = facts
    const pool = new pg.Pool({ host: '127.0.0.1', port, user, password, database, max: 3 })
    const answers = Array.from({ length: 12 }, (_, n) =>
      pool.query<{ n: number }>('SELECT $1::int AS n', [n]),
    )
    const numbers = (await Promise.all(answers)).map(({ rows }) => rows[0]?.n ?? -1)
    const { totalCount } = pool
    await pool.end()
    return { numbers, atMostThree: totalCount <= 3 }
  },
  notify: (facts) =>
    connected(facts, async (client) => {
      const heard = new Promise<string>((resolve) => {
        client.once('notification', ({ channel, payload }) => resolve(`${channel}: ${payload}`))
      })
      await client.query('LISTEN sea')
      await client.query("SELECT pg_notify('sea', 'thar she blows')")
      return heard
    }),
  killed: (facts) =>
    connected(facts, async (client) => {
      const broken = new Promise<unknown>((resolve) => client.on('error', resolve))
      const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
      await connected(facts, (other) => other.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid]))
      return told(await broken)
    }),
}

const plugin: PluginDefinition = serveCases(cases)
export default plugin
