/**
 * The stack of an error in a plugin, in the places its author knows. The script is
 * one file named `bulkhead-plugin/<name>.js`; frames of anything else are left out,
 * so no path of the host gets through. Both inputs may be garbage: it never throws.
 */
import { SourceMap, type SourceMapPayload } from 'node:module'

/** Characters of a stack looked at, and frames kept. */
const MAX_STACK = 16_384
const MAX_FRAMES = 50

/**
 * @param stack - `error.stack` as the plugin's thread sent it
 * @param map - source map v3 as JSON, of the script alone
 * @param name - the plugin
 * @param lineOffset - lines that the wrapper puts before the script's first one
 */
export function mapStack(stack: string, map: string, name: string, lineOffset = 0): string {
  return stackMapper(map, name, lineOffset)(stack)
}

/** `mapStack` for many stacks of one script: the map is read once, at the first stack. */
export function stackMapper(map: string, name: string, lineOffset = 0): (stack: string) => string {
  const marker = `bulkhead-plugin/${name}.js:`
  let source: SourceMap | undefined | null = null
  return (stack) => {
    source = source === null ? parseMap(map) : source
    const lines = stack.slice(0, MAX_STACK).split('\n')
    const first = lines.findIndex(isFrame)
    const message = first === -1 ? lines : lines.slice(0, first)
    const frames: string[] = []
    for (const line of first === -1 ? [] : lines.slice(first)) {
      if (frames.length === MAX_FRAMES) break
      const frame = source === undefined ? undefined : mapped(line, marker, source, lineOffset)
      if (frame !== undefined) frames.push(frame)
    }
    return [...message, ...frames].join('\n')
  }
}

function isFrame(line: string): boolean {
  return line.trimStart().startsWith('at ')
}

function mapped(line: string, marker: string, source: SourceMap, lineOffset: number): string | undefined {
  const at = line.lastIndexOf(marker)
  if (at === -1 || !isFrame(line)) return undefined
  const place = /^(\d{1,9}):(\d{1,9})/.exec(line.slice(at + marker.length))
  if (place === null) return undefined
  const found = entryAt(source, Number(place[1]) - lineOffset - 1, Number(place[2]) - 1)
  if (found === undefined) return undefined
  const open = line.lastIndexOf(' (', at)
  const caller = open === -1 ? '' : line.slice(0, open).trimStart().slice(3).trim()
  return caller === '' ? `    at ${found}` : `    at ${caller} (${found})`
}

/** `file:line:column`, from 1; `undefined` where the script has no author's line, as in the bundler's own helpers. */
function entryAt(source: SourceMap, line: number, column: number): string | undefined {
  if (line < 0 || column < 0) return undefined
  try {
    const entry = source.findEntry(line, column)
    // Node gives the last entry before the place, even one of an earlier line: that is another statement.
    if (!('originalSource' in entry) || entry.generatedLine !== line) return undefined
    if (typeof entry.originalSource !== 'string' || entry.originalSource === '') return undefined
    return `${entry.originalSource}:${entry.originalLine + 1}:${entry.originalColumn + 1}`
  } catch {
    return undefined
  }
}

function parseMap(map: string): SourceMap | undefined {
  try {
    return new SourceMap(JSON.parse(map) as SourceMapPayload)
  } catch {
    return undefined
  }
}
