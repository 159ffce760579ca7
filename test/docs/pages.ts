/**
 * The pages of the documentation as blocks, links and headings. Every code block says in a comment
 * before it how it is checked: `<!-- block: KIND ARGUMENTS -->`; CONTRIBUTING.md lists the kinds.
 * What a kind does is in check-block.ts.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The repository; tests run from dist/test/docs. */
export const ROOT: string = fileURLToPath(new URL('../../../', import.meta.url))

export interface Block {
  /** `README.md:12`, the line of the opening fence, for the test's name. */
  readonly place: string
  readonly language: string
  /** '' when nothing before the block says how it is checked. */
  readonly kind: string
  readonly args: readonly string[]
  readonly text: string
}

export interface Link {
  readonly place: string
  readonly target: string
}

export interface Page {
  /** Relative to the repository: `docs/errors.md`. */
  readonly path: string
  readonly text: string
  readonly blocks: readonly Block[]
  readonly links: readonly Link[]
  /** As GitHub names them. */
  readonly anchors: ReadonlySet<string>
  /** Text between backticks outside of blocks. */
  readonly codeSpans: readonly Link[]
}

/**
 * How a block without a comment is checked, where its language says so: frames have a test of their own,
 * JavaScript is a program when it uses this package from outside and a plugin's own code otherwise.
 */
function kindOf(language: string, text: string, line: number): string {
  if (language === 'hex') return 'kept test/protocol/document.test.ts'
  if (language !== 'js') return ''
  return /from 'bulkhead(\/testing)?'/.test(text) ? `host line-${line}.js` : 'inside'
}

const MARK = /^<!-- block: (\S+(?: \S+)*) -->$/

/** Reads one page. A fence that never closes is an error, not a shorter page. */
export function parsePage(path: string, text: string): Page {
  const blocks: Block[] = []
  const links: Link[] = []
  const codeSpans: Link[] = []
  const anchors = new Set<string>()
  const lines = text.split('\n')
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] as string
    const place = `${path}:${at + 1}`
    const fence = /^```(\S*)/.exec(line)
    if (fence === null) {
      const heading = /^#{1,6} (.+)$/.exec(line)
      if (heading !== null) anchors.add(anchorOf(heading[1] as string))
      const prose = line.replace(/`([^`]+)`/g, (_, code: string) => {
        codeSpans.push({ place, target: code })
        return '``'
      })
      for (const link of prose.matchAll(/\]\(([^)\s]+)\)/g)) links.push({ place, target: link[1] as string })
      continue
    }
    const end = lines.indexOf('```', at + 1)
    if (end === -1) throw new Error(`${place}: the code block never ends`)
    const language = fence[1] ?? ''
    const block = `${lines.slice(at + 1, end).join('\n')}\n`
    const said = MARK.exec(lines[at - 1] ?? '')?.[1] ?? kindOf(language, block, at + 1)
    const [kind = '', ...args] = said.split(' ')
    blocks.push({
      place,
      language,
      kind,
      args,
      text: block,
    })
    at = end
  }
  return { path, text, blocks, links, anchors, codeSpans }
}

/** GitHub's rule: lower case, punctuation out, spaces to dashes. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-')
}

const markdownIn = (directory: string): readonly string[] =>
  readdirSync(ROOT + directory)
    .filter((name) => name.endsWith('.md'))
    .sort()
    .map((name) => directory + name)

/** Every page whose blocks and links are checked. */
export function readPages(): readonly Page[] {
  const paths = [
    'README.md',
    'CONTRIBUTING.md',
    'CHANGELOG.md',
    ...markdownIn('docs/'),
    ...markdownIn('docs/decisions/'),
  ]
  return paths.map((path) => parsePage(path, readFileSync(ROOT + path, 'utf8')))
}
