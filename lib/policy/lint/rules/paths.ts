/** Rules about paths: how much of the disk, and whose part of it. */
import { isGuarded, keyFileIn } from '../../secrets.js'
import type { Facts } from '../facts.js'
import type { Hit } from '../finding.js'
import type { PathFact } from '../path-fact.js'

/** First segments below which the system keeps what other programs run or believe. */
const SYSTEM: ReadonlySet<string> = new Set(
  'bin boot dev etc lib lib32 lib64 proc root run sbin sys usr'.split(' '),
)
const TOOL_DIRECTORIES: ReadonlySet<string> = new Set(
  '.idea .vscode .settings .gradle .m2 IdeaProjects eclipse-workspace workspace jenkins'.split(' '),
)
/** What stands behind these says that a build put it there. */
const BUILD_OUTPUT: ReadonlySet<string> = new Set(
  'target/classes target/test-classes build/classes build/libs build/tmp build/resources out/production'.split(
    ' ',
  ),
)

export function anyFile({ paths }: Facts): readonly Hit[] {
  return paths.filter(isAnyFile).map(({ place, shown, access }) => ({
    code: 'any-file',
    place,
    message: `${shown} ${verb(access)} every file of the machine`,
    fix: 'name the directories, like ${plugin.home}/** and ${plugin.data}/**',
  }))
}

export function systemWrites({ paths }: Facts): readonly Hit[] {
  return paths.flatMap(({ root, segments, access, place, shown }): readonly Hit[] => {
    const first = segments[0] ?? ''
    if (root !== '/' || !access.write || !SYSTEM.has(first) || isSharedMemory(segments)) return []
    const message = `${shown} writes to /${first}, which belongs to the system`
    return [{ code: 'system-write', place, message, fix: 'write below ${plugin.data}' }]
  })
}

export function secretFiles({ paths }: Facts): readonly Hit[] {
  return paths.flatMap(({ root, segments, access, place, shown }): readonly Hit[] => {
    const named = keyFileIn(segments)
    const guarded = root === '/' && isGuarded(segments) && (access.read || segments[0] !== 'root')
    if (named === undefined && !guarded) return []
    const message = `${shown} opens ${named === undefined ? 'what only the administrator may see' : `'${named}', where people keep keys`}`
    return [
      { code: 'secret-file', place, message, fix: 'give the plugin the one secret it needs in a setting' },
    ]
  })
}

export function developerPaths({ paths }: Facts): readonly Hit[] {
  return paths.flatMap(({ root, segments, place, shown }): readonly Hit[] => {
    const home = isHome(root, segments)
    const tool = segments.find((segment) => TOOL_DIRECTORIES.has(segment))
    const built = segments.findIndex((segment, at) =>
      BUILD_OUTPUT.has(`${segment}/${segments[at + 1] ?? ''}`),
    )
    if (!home && tool === undefined && built === -1) return []
    const what = home ? 'in the home directory of a person' : 'where tools of a developer keep their files'
    const fix = 'name the directory of the node, or use ${plugin.home} and ${plugin.data}'
    return [{ code: 'developer-path', place, message: `${shown} is ${what}`, fix }]
  })
}

export function temporaryPaths({ paths }: Facts): readonly Hit[] {
  return paths.flatMap(({ root, segments, place, shown }): readonly Hit[] => {
    const temporary =
      segments[0] === 'tmp' || (segments[0] === 'var' && segments[1] === 'tmp') || isSharedMemory(segments)
    if (root !== '/' || !temporary) return []
    const message = `${shown} is in a directory that every user of the machine shares`
    return [
      {
        code: 'temporary-path',
        place,
        message,
        fix: 'use ${plugin.data}, the directory of the plugin alone',
      },
    ]
  })
}

/** Only Java has them: the parser of policies refuses `..`. */
export function parentPaths({ paths }: Facts): readonly Hit[] {
  return paths
    .filter(({ segments }) => segments.includes('..'))
    .map(({ place, shown }) => ({
      code: 'parent-path',
      place,
      message: `${shown} has '..' in it`,
      fix: 'write the path it leads to',
    }))
}

export function deadPaths({ paths }: Facts): readonly Hit[] {
  return paths.flatMap(({ root, segments, access, place, shown, line }): readonly Hit[] => {
    if (line !== null) return []
    const [top = '', second = ''] = segments
    if (root === '/' && (top === 'proc' || top === 'dev') && second.includes('*')) {
      const message = `${shown} matches nothing, because wildcards do not reach below /${top}`
      return [{ code: 'dead-path', place, message, fix: `spell the first two segments, like /proc/cpuinfo` }]
    }
    if (root !== '${plugin.home}' || !access.write) return []
    const message = `${shown} grants nothing, because no plugin may write to its own directory`
    return [{ code: 'dead-path', place, message, fix: 'write below ${plugin.data}' }]
  })
}

/** Starting programs is another rule's. */
function isAnyFile({ root, segments, access }: PathFact): boolean {
  const wild = segments.every((segment) => segment === '*' || segment === '**')
  return (
    (root === '/' || /^[A-Za-z]:$/.test(root)) &&
    wild &&
    segments.includes('**') &&
    (access.read || access.write)
  )
}

function isSharedMemory(segments: readonly string[]): boolean {
  return segments[0] === 'dev' && segments[1] === 'shm'
}

function isHome(root: string, segments: readonly string[]): boolean {
  const [top = '', second] = segments
  if (/^[A-Za-z]:$/.test(root)) return /^users$/i.test(top) && second !== undefined
  return root === '/' && (top === 'home' || top === 'Users') && second !== undefined
}

function verb({ read, write }: PathFact['access']): string {
  return read && write ? 'reads and writes' : write ? 'writes' : 'reads'
}
