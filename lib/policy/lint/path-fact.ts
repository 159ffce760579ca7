/**
 * Paths of both languages in one form: segments in which `*` is one segment and `**`
 * any number.
 */
import { quote, type Place } from './finding.js'
import { FILE_PERMISSION, type JavaLine } from './java-line.js'
import { entriesOf, opening, type RuleList } from './rule-list.js'

export interface PathFact {
  readonly place: Place
  /** As a message names it. */
  readonly shown: string
  /** `/`, a placeholder, a drive like `C:`; empty for a relative path. */
  readonly root: string
  readonly segments: readonly string[]
  readonly access: { readonly read: boolean; readonly write: boolean }
  /** The line of a Java policy, `null` in a JSON document. */
  readonly line: JavaLine | null
}

export function pathsOf(lists: readonly RuleList[], lines: readonly JavaLine[]): readonly PathFact[] {
  return [...entriesOf(opening(lists), 'fs.read', 'fs.write').map(pathInJson), ...lines.flatMap(pathInJava)]
}

function pathInJson({ list, text, place }: ReturnType<typeof entriesOf>[number]): PathFact {
  const write = list.capability === 'fs.write'
  return { place, shown: quote(text), ...split(text), access: { read: !write, write }, line: null }
}

function pathInJava(line: JavaLine): readonly PathFact[] {
  if (line.permission.class !== FILE_PERMISSION || line.permission.target === null) return []
  const { target, actions, place } = line
  const { root, segments } =
    target === '<<ALL FILES>>' ? { root: '/', segments: ['**'] } : split(target.replaceAll('\\', '/'))
  const last = segments.at(-1)
  return [
    {
      place,
      shown: `FilePermission ${quote(line.permission.target)}`,
      root,
      segments: last === '-' ? [...segments.slice(0, -1), '**'] : segments,
      access: {
        read: actions.includes('read'),
        write: actions.includes('write') || actions.includes('delete'),
      },
      line,
    },
  ]
}

function split(text: string): Pick<PathFact, 'root' | 'segments'> {
  const segments = text.split('/')
  const first = segments[0] ?? ''
  const absolute = text.startsWith('/')
  const rooted = absolute || first.startsWith('${') || /^[A-Za-z]:$/.test(first)
  return {
    root: absolute ? '/' : rooted ? first : '',
    segments: (rooted ? segments.slice(1) : segments).filter((segment) => segment !== ''),
  }
}
