/** Whether a text tells where on the host something lies. */

export type FindHostPath = (text: string) => string | undefined

/** Texts that only a stack of trusted code or of Node's own has. */
const TRUSTED_FRAMES = [/\bnode:internal\//, /\[worker eval\]/, /\bplugin-(?:thread|host)\.cjs\b/] as const
const WORD = /[\w-]/
/** A path of fewer characters is a word that anything may hold: `/`, `/a`. */
const SHORTEST = 4

/** @param places - directories and files of the host that no plugin is told */
export function hostPathFinder(places: readonly string[]): FindHostPath {
  const paths = [...new Set(places)].filter((path) => path.length >= SHORTEST)
  return (text) => {
    if (text.length < SHORTEST) return undefined
    for (const path of paths) {
      for (let at = text.indexOf(path); at >= 0; at = text.indexOf(path, at + 1)) {
        const around = (text[at - 1] ?? ' ') + (text[at + path.length] ?? ' ')
        if (!WORD.test(around)) return path
      }
    }
    const frame = TRUSTED_FRAMES.find((pattern) => pattern.test(text))
    return frame === undefined ? undefined : `a frame of trusted code (${frame.exec(text)?.[0] ?? ''})`
  }
}
