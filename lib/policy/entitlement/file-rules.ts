/**
 * One file of a `files` entitlement as fs.read and fs.write. In Elasticsearch a path is
 * itself and all below it, compared as normalised text, and `read_write` allows to create,
 * change and remove, so `/a` is the pattern `/a/**`.
 */
import { checkPattern } from '../check-pattern.js'
import { allByHand, refusal, verdictOf, type RuleText, type Verdict } from '../java/report.js'
import { normalizePath } from '../java/unix-path.js'
import { NAMED_ONLY } from '../match.js'
import type { FileEntitlement } from './parse.js'

export function fileRules(file: FileEntitlement): Verdict {
  const pattern = patternOf(file)
  if (typeof pattern !== 'string') return pattern
  const rules = rulesFor(file, pattern)
  if (file.platform !== null) {
    return refusal(
      `It holds on ${file.platform} only, and a rule holds wherever the plugin runs.`,
      `${allByHand(rules)}, if every node runs ${file.platform}`,
    )
  }
  const devices = pattern === EVERYTHING
  return verdictOf({
    rules,
    lost: [
      ...(file.exclusive ? ['a rule does not keep other plugins from the path'] : []),
      ...(devices ? ['no wildcard reaches below /proc and /dev'] : []),
    ],
    idle: [],
    suggestion: devices ? BY_NAME : null,
  })
}

const EVERYTHING = '/**'
const BY_NAME = 'the files below /proc and /dev by name, like fs.read "/proc/cpuinfo"'

/** The pattern for exactly these paths, or why there is none. */
function patternOf(file: FileEntitlement): string | Verdict {
  const { path } = file
  switch (path.kind) {
    case 'absolute':
      return absolutePattern(path.path)
    case 'relative':
      return relativeTo(path.base, path.path, file)
    case 'setting':
      return refusal(
        'The path is the value of a setting, which is not known here.',
        'the rule with the path that the setting has',
      )
  }
}

function absolutePattern(path: string): string | Verdict {
  if (!path.startsWith('/')) {
    return /^[A-Za-z]:|^\\/.test(path)
      ? refusal('A path of Windows, and patterns have those of Unix.', null)
      : refusal(
          'Elasticsearch refuses the file: the path is not absolute.',
          'the rule with the absolute path',
        )
  }
  const normal = normalizePath(path)
  if (normal.includes('*')) {
    return refusal(
      "The '*' is a character of the name, not a wildcard, and no pattern spells it.",
      'the paths by name, or with a wildcard in the fs rules',
    )
  }
  const pattern = below(normal)
  const unfit = checkPattern('fs.read', pattern)
  if (unfit !== undefined) return refusal(`No pattern spells this path: ${unfit.fault}.`, unfit.remedy)
  const name = normal.slice(1)
  return NAMED_ONLY.includes(name) ? refusal(`No wildcard reaches below /${name}.`, BY_NAME) : pattern
}

/** What is known of the directories that a path may start in. */
const BASES: ReadonlyMap<string, { readonly reason: string; readonly suggestion: string }> = new Map([
  [
    'config',
    {
      reason: 'The path starts in the configuration directory of the search node, which is not known here.',
      suggestion: 'settings with the keys the plugin reads, or the rule with the absolute path',
    },
  ],
  [
    'home',
    {
      reason: 'The path starts in the home directory of whoever started the node, which is not known here.',
      suggestion: 'the rule with the absolute path of the home directory',
    },
  ],
])

function relativeTo(base: string, path: string, file: FileEntitlement): Verdict {
  if (base !== 'data') {
    const { reason, suggestion } = BASES.get(base) ?? {
      reason: `The path starts in the directory '${base}' of the search node, which is not known here.`,
      suggestion: 'the rule with the absolute path',
    }
    return refusal(reason, suggestion)
  }
  const own = below(`\${plugin.data}/${normalizePath(path)}`.replace(/\/+$/, ''))
  const fits = !path.includes('*') && checkPattern('fs.read', own) === undefined
  return refusal(
    "The path starts in the search node's directory for data, and a plugin has a directory of its own.",
    fits ? allByHand(rulesFor(file, own)) : 'the rule with ${plugin.data} at its start',
  )
}

function below(path: string): string {
  return path === '/' ? EVERYTHING : `${path}/**`
}

function rulesFor({ mode }: FileEntitlement, pattern: string): readonly RuleText[] {
  return mode === 'read'
    ? [{ capability: 'fs.read', pattern }]
    : [
        { capability: 'fs.read', pattern },
        { capability: 'fs.write', pattern },
      ]
}
