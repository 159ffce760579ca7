/** Documents that carry their own checksum, so that any copy of one shows whether it is whole. */
import { createHash } from 'node:crypto'
import type { Random } from './random.js'

export type SoakDocument = {
  readonly id: string
  readonly number: number
  readonly text: string
  readonly agent: string
  readonly tags: readonly string[]
  readonly checksum: string
}

const WORDS = 'harbour ledger lantern gravel meadow copper signal orchard winter anchor'.split(' ')
const AGENTS = [
  'curl/8.5.0',
  'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15',
]
const MOST_WORDS = 40

export function makeDocument(id: string, random: Random): SoakDocument {
  const words = Array.from({ length: Math.ceil(random.between(1, MOST_WORDS)) }, () => random.pick(WORDS))
  const rest = {
    id,
    number: Math.floor(random.between(0, 2 ** 40)) / 8,
    text: `${words.join(' ')} \u00e9\u{1f30a}`,
    agent: random.pick(AGENTS),
    tags: words.slice(0, 2),
  }
  return { ...rest, checksum: checksumOf(rest) }
}

/** What a document is checked for when it comes back. */
export interface Expected {
  readonly checksum: string
  /** Whether the `user_agent` processor must have been at it. */
  readonly agents: boolean
}

/** Why `source` is not what was acknowledged, or `undefined`. */
export function difference(source: unknown, { checksum, agents }: Expected): string | undefined {
  if (typeof source !== 'object' || source === null) return 'it is no document'
  const { user_agent: parsed, ...rest } = source as Record<string, unknown>
  if (rest['checksum'] !== checksum) return `it is another one: ${String(rest['checksum'])}`
  if (checksumOf(rest) !== checksum) return 'its fields are not those of its checksum'
  if (!agents) return undefined
  const original = (parsed as { readonly original?: unknown } | undefined)?.original
  return original === rest['agent'] ? undefined : 'its pipeline left no trace, or a wrong one'
}

function checksumOf(fields: Readonly<Record<string, unknown>>): string {
  const { id, number, text, agent, tags } = fields
  return createHash('sha256')
    .update(JSON.stringify([id, number, text, agent, tags]))
    .digest('base64')
}
