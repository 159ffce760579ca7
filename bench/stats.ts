/** Numbers of one bench run: medians over interleaved rounds, and the one shape all benches print. */
export interface Result {
  readonly name: string
  readonly value: number
  readonly unit: string
  /** What `ratio` compares with, by name; `null` for a figure that stands alone. */
  readonly vs: string | null
  /** value / value of `vs`. */
  readonly ratio: number | null
  /** The most that `ratio` should be. */
  readonly limit?: number
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

/** @param at - from 0 to 1 */
export function quantile(values: readonly number[], at: number): number {
  const sorted = Float64Array.from(values).sort()
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * at))] ?? Number.NaN
}

export function result(name: string, value: number, unit: string): Result {
  return { name, value: round(value), unit, vs: null, ratio: null }
}

export function compared(name: string, value: number, unit: string, vs: Result, limit?: number): Result {
  const ratio = round(value / vs.value)
  return { name, value: round(value), unit, vs: vs.name, ratio, ...(limit === undefined ? {} : { limit }) }
}

function round(value: number): number {
  return Number(value.toPrecision(4))
}

/** Aligned for people; figures right, ratios behind. */
export function printTable(title: string, results: readonly Result[]): void {
  const width = Math.max(...results.map(({ name }) => name.length))
  console.log(`\n${title}`)
  for (const { name, value, unit, vs, ratio, limit } of results) {
    const figure = `${String(value).padStart(10)} ${unit.padEnd(8)}`
    const most = limit === undefined ? '' : ` (limit ${limit}x)`
    console.log(
      `  ${name.padEnd(width)} ${figure}${vs === null ? '' : ` ${String(ratio).padStart(6)}x of ${vs}${most}`}`,
    )
  }
}
