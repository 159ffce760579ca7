/**
 * The part of YAML that an entitlement policy is written in, as a tree with places: maps,
 * lists, texts, true and false. What could mean more than it shows (anchors, aliases, tags, further
 * documents, a key twice) is refused, and what costs more than it says (depth, length) is bounded.
 * The only file that knows the yaml package.
 */
import { Composer, isMap, isScalar, isSeq, Lexer, LineCounter, Parser, type CST, type Document } from 'yaml'
import { PluginError } from '../../errors.js'
import { showText } from '../java/reading.js'

export interface Place {
  /** Both from 1. */
  readonly line: number
  readonly column: number
}

export type YamlNode = Place &
  (
    | { readonly kind: 'text'; readonly text: string }
    | { readonly kind: 'boolean'; readonly value: boolean }
    | { readonly kind: 'list'; readonly items: readonly YamlNode[] }
    | { readonly kind: 'map'; readonly entries: readonly YamlEntry[] }
    /** A number, or nothing. */
    | { readonly kind: 'other' }
  )

/** No key stands twice in its map. */
export interface YamlEntry extends Place {
  readonly key: string
  readonly value: YamlNode
}

/** Characters; real ones have a few thousand. */
const MOST_CHARACTERS = 65_536
/** Of maps and lists in each other; an entitlement policy has 6. */
const DEEPEST = 16

/**
 * Characters that YAML does not allow, and those that its versions disagree on: where one sees
 * a line end, another would read on in a comment.
 */
const UNREADABLE = /(?![\t\n\r])\p{Cc}|[\u2028\u2029\ufffe\uffff]|\r(?!\n)|(?!^)\ufeff/u

/** @throws PluginError `ENTITLEMENT_POLICY_INVALID` */
export function readYaml(text: string): YamlNode {
  if (text.length > MOST_CHARACTERS) {
    throw invalid(START, `it has more than ${MOST_CHARACTERS} characters`, 'give an entitlement-policy.yaml')
  }
  const lines = new LineCounter()
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset)
    return { line, column: col }
  }
  const tokens = tokensOf(text, lines, placeAt)
  const unreadable = UNREADABLE.exec(text)
  if (unreadable !== null) {
    const message = `the character ${showText(unreadable[0])} stands in it`
    throw invalid(placeAt(unreadable.index), message, 'remove it')
  }
  const [document, second] = new Composer(OPTIONS).compose(tokens, true, text.length)
  const fault = document?.errors[0]
  if (fault !== undefined) {
    const message = showText(fault.message.slice(0, 200))
    throw invalid(placeAt(fault.pos[0]), `this is no YAML: ${message}`, 'mend the YAML')
  }
  if (second !== undefined) {
    throw invalid(placeAt(second.range[0]), 'a second document begins', 'keep one document in the file')
  }
  return treeOf(document?.contents ?? null, 0, placeAt)
}

export function invalid({ line, column }: Place, message: string, remedy: string): PluginError {
  return new PluginError('ENTITLEMENT_POLICY_INVALID', { line, column, message, remedy })
}

const START: Place = { line: 1, column: 1 }
/** Keys are compared in `entriesOf`: the package compares each with each. */
const OPTIONS = { schema: 'core', merge: false, uniqueKeys: false, prettyErrors: false } as const

function tokensOf(
  text: string,
  lines: LineCounter,
  placeAt: (offset: number) => Place,
): readonly CST.Token[] {
  const parser = new Parser(lines.addNewLine)
  lines.addNewLine(0)
  const tokens: CST.Token[] = []
  for (const lexeme of new Lexer().lex(text)) {
    tokens.push(...parser.next(lexeme))
    if (parser.stack.length > DEEPEST) {
      throw invalid(placeAt(parser.offset), `it is nested more than ${DEEPEST} deep`, 'unnest it')
    }
  }
  tokens.push(...parser.end())
  return tokens
}

type YamlValue = Document.Parsed['contents']

/** @param start - the offset of a value that is not written */
function treeOf(node: unknown, start: number, placeAt: (offset: number) => Place): YamlNode {
  const value = node as YamlValue
  if (value === null) return { kind: 'other', ...placeAt(start) }
  const offset = value.range[0]
  const place = placeAt(offset)
  if (value.tag !== undefined) throw invalid(place, 'tags are not read', `remove '${showText(value.tag)}'`)
  if (!isMap(value) && !isSeq(value) && !isScalar(value)) {
    throw invalid(place, 'aliases are not read', 'write out what it stands for')
  }
  if (value.anchor !== undefined) {
    throw invalid(place, 'anchors are not read', `remove '&${showText(value.anchor)}'`)
  }
  if (isSeq(value)) {
    return { kind: 'list', items: value.items.map((item) => treeOf(item, offset, placeAt)), ...place }
  }
  if (isMap(value)) {
    return { kind: 'map', entries: entriesOf(value.items, offset, placeAt), ...place }
  }
  const scalar = value.value
  if (typeof scalar === 'string') return { kind: 'text', text: scalar, ...place }
  return typeof scalar === 'boolean'
    ? { kind: 'boolean', value: scalar, ...place }
    : { kind: 'other', ...place }
}

function entriesOf(
  pairs: readonly { readonly key: unknown; readonly value: unknown }[],
  start: number,
  placeAt: (offset: number) => Place,
): readonly YamlEntry[] {
  const seen = new Set<string>()
  return pairs.map(({ key: written, value }) => {
    const key = treeOf(written, start, placeAt)
    const { line, column } = key
    if (key.kind !== 'text') throw invalid(key, 'a name is expected here', 'write text before the colon')
    if (seen.has(key.text)) {
      throw invalid(key, `'${showText(key.text)}' stands here twice`, 'put what they hold together')
    }
    seen.add(key.text)
    const valueNode = treeOf(value, start, placeAt)
    return { key: key.text, value: valueNode, line, column }
  })
}
