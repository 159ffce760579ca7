/** JSON as lines to copy: what fits stands on one line, as a person would write it. Pure. */

/** @param width - columns a line may take; keys and texts are not broken */
export function jsonLines(value: unknown, width: number, indent = ''): readonly string[] {
  const flat = oneLine(value)
  if (indent.length + flat.length <= width || typeof value !== 'object' || value === null) return [flat]
  const isList = Array.isArray(value)
  const parts = Object.entries(value).map(([key, inner]) => {
    const [first = '', ...more] = jsonLines(inner, width, `${indent}  `)
    return [`  ${isList ? '' : `${JSON.stringify(key)}: `}${first}`, ...more.map((line) => `  ${line}`)]
  })
  const last = parts.length - 1
  const body = parts.flatMap((lines, index) =>
    index === last ? lines : [...lines.slice(0, -1), `${lines.at(-1) ?? ''},`],
  )
  return [isList ? '[' : '{', ...body, isList ? ']' : '}']
}

function oneLine(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(oneLine).join(', ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).map(([key, inner]) => `${JSON.stringify(key)}: ${oneLine(inner)}`)
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`
}
