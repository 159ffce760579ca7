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

/** The worst of it: what the node felt before what became of the plugin. */
function wordsOf(why: readonly string[]): string {
  if (why.some((text) => text === 'the node ended')) return '**the node ends**'
  return why.map((text) => text.replace(/^a call of another plugin failed: /, 'others: ')).join('; ')
}
