/**
 * Makes the table of docs/thread-tier.md from what the attacks did to nodes that use
 * threads, one file for each Node:
 *
 *   bulkhead attack --isolation thread --json > node-20.json
 *   node dist/test/attack/thread-tier.js node-20.json node-22.json
 */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'

interface Result {
  readonly node: string
  readonly cases: readonly {
    readonly case: string
    readonly chapter: string
    readonly contained: boolean
    readonly touched: boolean
    readonly why: readonly string[]
  }[]
}

const { positionals } = parseArgs({ allowPositionals: true })
const results = positionals.map((file) => JSON.parse(readFileSync(file, 'utf8')) as Result)
const lines = results.map(({ node }) => `Node ${node.replace(/^v/, '').split('.')[0]}`)
console.log(`| chapter | attack | ${lines.join(' | ')} |`)
console.log(`|---|---|${lines.map(() => '---|').join('')}`)
for (const { case: name, chapter } of results[0]?.cases ?? []) {
  const cells = results.map(({ cases }) => {
    const found = cases.find((one) => one.case === name)
    if (found === undefined) return '?'
    return found.contained ? '' : wordsOf(found.why)
  })
  if (cells.some((cell) => cell !== '')) console.log(`| ${chapter} | \`${name}\` | ${cells.join(' | ')} |`)
}
for (const [index, { cases }] of results.entries()) {
  const open = cases.filter(({ contained }) => !contained)
  const dead = open.filter(({ why }) => why.some((text) => text === 'the node ended'))
  console.log(
    `${lines[index]}: ${cases.length} attacks, ${open.length} not contained, ${dead.length} end the node`,
  )
}

/** In few words, the worst of it first. */
function wordsOf(why: readonly string[]): string {
  if (why.includes('the node ended')) return '**the node ends**'
  const grown = matchesOf(/memory grew by (\d+) MiB/, why)[0]
  const late = matchesOf(/^it took (\d+) ms/, why)[0]
  const goesOn = why.some((text) => / instead of /.test(text))
  const open = matchesOf(/^left over: (\d+) descriptor/, why).reduce((sum, count) => sum + Number(count), 0)
  const words = [
    ...(grown === undefined ? [] : [`the node grows by ${grown} MiB`]),
    ...(goesOn ? ['it goes on'] : late === undefined ? [] : [`late: ${late} ms`]),
    ...(open === 0 ? [] : [`${open} ${open === 1 ? 'descriptor stays' : 'descriptors stay'} open`]),
  ]
  return words.length === 0 ? why.join('; ') : words.join('; ')
}

function matchesOf(pattern: RegExp, why: readonly string[]): readonly string[] {
  return why.flatMap((text) => pattern.exec(text)?.[1] ?? [])
}
