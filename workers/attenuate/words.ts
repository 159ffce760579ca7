/** Lists of names, a line of them at a time. */

/** Every word of the lines, split at single spaces. */
export function words(...lines: readonly string[]): readonly string[] {
  return lines.flatMap((line) => line.split(' '))
}
