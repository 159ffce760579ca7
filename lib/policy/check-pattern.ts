/**
 * Says what is wrong with a pattern as its author wrote it, before placeholders are
 * expanded. What passes here compiles in match.ts; what would compile but surely
 * means something else (a regular expression, a URL, a relative path) is refused here.
 */
import { PATTERN_KINDS, type Capability } from './capability.js'
import { parseEndpoint } from './endpoint.js'
import type { Unfit } from './host.js'

/** Characters a pattern may have; far above any real one, so that a hostile file stays cheap. */
const MAX_PATTERN = 1024
/** What a path pattern may start with besides `/`. */
const PLACEHOLDERS: readonly string[] = ['${plugin.home}', '${plugin.data}']

export function checkPattern(capability: Capability, text: string): Unfit | undefined {
  const kind = PATTERN_KINDS[capability]
  return checkText(text, kind === 'path') ?? checkKind(capability, text)
}

/** Control and format characters, line and paragraph separators: with them a pattern reads like another one. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u

function checkText(text: string, placeholders: boolean): Unfit | undefined {
  if (text.trim() === '')
    return { fault: 'the pattern is empty', remedy: 'name what it grants, or remove it' }
  if (text.length > MAX_PATTERN) {
    return {
      fault: `the pattern has more than ${MAX_PATTERN} characters`,
      remedy: 'split it into shorter ones',
    }
  }
  if (UNSEEN.test(text) || text !== text.trim()) {
    return {
      fault: `${quote(text)} has control characters, characters nobody sees or space around it`,
      remedy: 'remove them',
    }
  }
  const rest = placeholders ? PLACEHOLDERS.reduce((left, name) => withoutPrefix(left, name), text) : text
  const placeholder = /\$\{[^}]*\}?/.exec(rest)?.[0]
  if (placeholder !== undefined) {
    return {
      fault: `${quote(placeholder)} is not known here`,
      remedy: placeholders
        ? `use ${PLACEHOLDERS.join(' or ')}, at the start of the path only`
        : 'write the name itself; placeholders stand in paths only',
    }
  }
  const odd = /[\\^$()|[\]{}?]/.exec(placeholders ? rest : rest.replaceAll(/[[\]]/g, ''))?.[0]
  if (odd !== undefined) {
    return {
      fault: `${quote(text)} has '${odd}', which stands for nothing here`,
      remedy: "patterns are no regular expressions: '*' is one part, '**' any number of parts",
    }
  }
  if (text.includes('***'))
    return { fault: `${quote(text)} has '***'`, remedy: "write '**' for any number of parts" }
  return undefined
}

function checkKind(capability: Capability, text: string): Unfit | undefined {
  const kind = PATTERN_KINDS[capability]
  switch (kind) {
    case 'path':
      return checkPath(text)
    case 'endpoint':
      return checkEndpoint(text, capability === 'net.listen')
    case 'name':
      return capability === 'env'
        ? checkName(text, /^[A-Za-z_]\w*$/, 'an environment variable', 'AWS_REGION')
        : checkName(text, /^[A-Za-z0-9][\w.-]*$/, 'a plugin', 'job-scheduler')
    case 'dotted':
      return checkDotted(text)
    case 'point':
      return checkPoint(text)
  }
}

function checkPath(text: string): Unfit | undefined {
  const start = PLACEHOLDERS.find((name) => text === name || text.startsWith(`${name}/`))
  if (start === undefined && !text.startsWith('/')) {
    return {
      fault: `${quote(text)} is not absolute`,
      remedy: `start it with '/', ${PLACEHOLDERS.map((name) => `'${name}/'`).join(' or ')}`,
    }
  }
  const path = start === undefined ? text : text.slice(start.length)
  return path === '' || path === '/' ? undefined : checkSegments(text, path.slice(1))
}

function checkSegments(text: string, path: string): Unfit | undefined {
  for (const segment of path.split('/')) {
    if (segment === '') {
      return {
        fault: `${quote(text)} has an empty segment`,
        remedy: "write one '/' between segments and none at the end",
      }
    }
    if (segment === '.' || segment === '..') {
      return { fault: `${quote(text)} has '${segment}' in it`, remedy: 'write the path it leads to' }
    }
    if (segment !== '**' && segment.includes('**')) return starsInside(text)
  }
  return undefined
}

function checkEndpoint(text: string, listen: boolean): Unfit | undefined {
  const host = /^[a-z][a-z0-9+.-]*:\/\/(.*)$/i.exec(text)?.[1]
  if (host !== undefined) {
    return { fault: `${quote(text)} is a URL`, remedy: 'write host and port only, like api.example.org:443' }
  }
  if (text.includes('@')) {
    return {
      fault: `${quote(text)} has a user in it`,
      remedy: `write '${text.slice(text.lastIndexOf('@') + 1)}'`,
    }
  }
  const parsed = parseEndpoint(text)
  if ('fault' in parsed) return parsed
  return parsed.from === 0 && !listen
    ? {
        fault: `${quote(text)} connects to port 0`,
        remedy: 'start at port 1; 0 is for listening on a free port',
      }
    : undefined
}

function checkName(text: string, form: RegExp, what: string, example: string): Unfit | undefined {
  if (form.test(text)) return undefined
  return text.includes('*')
    ? {
        fault: `${quote(text)} has a wildcard`,
        remedy: `name each one; ${what} is granted by its exact name`,
      }
    : { fault: `${quote(text)} is no name of ${what}`, remedy: `write it like ${example}` }
}

function checkDotted(text: string): Unfit | undefined {
  for (const part of text.split('.')) {
    if (part === '') {
      return {
        fault: `${quote(text)} has an empty part`,
        remedy: 'write each dot between two parts; all below is covered anyway',
      }
    }
    if (part !== '**' && part.includes('**')) return starsInside(text)
  }
  return /[\s/:,]/.test(text)
    ? {
        fault: `${quote(text)} is not dot-separated`,
        remedy: "write it like 's3.client.*' or 'metadata.indices.*.settings'",
      }
    : undefined
}

function checkPoint(text: string): Unfit | undefined {
  const [, kind, rest] = /^([^:]*)(?::(.*))?$/.exec(text) ?? []
  if (kind === undefined || !/^[a-z][A-Za-z-]*$/.test(kind)) {
    return {
      fault: `${quote(text)} does not start with a kind`,
      remedy: "write 'repository' or 'rest:/_plugins/_demo/**'",
    }
  }
  if (rest === undefined) return undefined
  if (rest === '')
    return { fault: `${quote(text)} has nothing behind the colon`, remedy: `write '${kind}' for all of them` }
  if (kind === 'rest' && !rest.startsWith('/')) {
    return { fault: `${quote(text)} is no path`, remedy: `write 'rest:/${rest}'` }
  }
  return rest === '/' ? undefined : checkSegments(text, rest.startsWith('/') ? rest.slice(1) : rest)
}

function starsInside(text: string): Unfit {
  return {
    fault: `${quote(text)} has '**' inside a part`,
    remedy: "let '**' be a part of its own, or use '*' for any characters of one part",
  }
}

function withoutPrefix(text: string, prefix: string): string {
  return text.startsWith(prefix) ? text.slice(prefix.length) : text
}

function quote(text: string): string {
  return `'${text.length > 80 ? `${text.slice(0, 80)}…` : text}'`
}
