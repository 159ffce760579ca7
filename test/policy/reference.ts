/**
 * The meaning of patterns in the plainest words we have, for comparing: it tries every
 * way a star can go. Exponential; only for short inputs.
 */

/** Counts every comparison, so that a test can see how bad a pattern is. */
export interface Count {
  count: number
  readonly most: number
}

export function naiveMatch(
  pattern: readonly string[],
  parts: readonly string[],
  steps: Count = { count: 0, most: Number.POSITIVE_INFINITY },
): boolean {
  if (steps.count > steps.most) return false
  steps.count += 1
  const [first, ...rest] = pattern
  if (first === undefined) return parts.length === 0
  const [part, ...others] = parts
  if (first === '**')
    return naiveMatch(rest, parts, steps) || (part !== undefined && naiveMatch(pattern, others, steps))
  if (part === undefined || !naivePart(first, part, steps)) return false
  return (first !== '*' || part !== '') && naiveMatch(rest, others, steps)
}

function naivePart(pattern: string, text: string, steps: Count): boolean {
  if (steps.count > steps.most) return false
  steps.count += 1
  if (pattern === '') return text === ''
  if (pattern.startsWith('*')) {
    return (
      naivePart(pattern.slice(1), text, steps) || (text !== '' && naivePart(pattern, text.slice(1), steps))
    )
  }
  return pattern[0] === text[0] && naivePart(pattern.slice(1), text.slice(1), steps)
}
