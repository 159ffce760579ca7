/** What a plugin asks for, as lines: the risk once, then its sentences; the riskiest first. */
import { RISKS, type Ask, type Risk } from '../policy/describe.js'
import { plainLine } from './plain.js'
import type { Terminal } from './terminal.js'
import { indented } from './text-table.js'

const INDENT = '  '
/** Of the longest risk, and two spaces. */
const COLUMN = Math.max(...RISKS.map((risk) => risk.length)) + 2

/** @param mark - in front of each sentence, such as `+ ` */
export function askLines(asks: readonly Ask[], terminal: Terminal, mark = ''): readonly string[] {
  return RISKS.flatMap((risk) =>
    asks
      .filter((ask) => ask.risk === risk)
      .flatMap(({ text }, index) => {
        const start = `${INDENT}${index === 0 ? paintRisk(risk, terminal) : ''}`
        const gap = ' '.repeat(index === 0 ? COLUMN - risk.length : COLUMN)
        const rest = ' '.repeat(INDENT.length + COLUMN + mark.length)
        const [first = '', ...more] = indented(plainLine(text), rest, terminal.width)
        return [`${start}${gap}${mark}${first.slice(rest.length)}`, ...more]
      }),
  )
}

/** `2 high, 1 low`; '' for none. */
export function riskCounts(asks: readonly Ask[]): string {
  return RISKS.map((risk) => ({ risk, count: asks.filter((ask) => ask.risk === risk).length }))
    .filter(({ count }) => count > 0)
    .map(({ risk, count }) => `${count} ${risk}`)
    .join(', ')
}

function paintRisk(risk: Risk, { red, yellow, green }: Terminal): string {
  return { high: red, medium: yellow, low: green }[risk](risk)
}
