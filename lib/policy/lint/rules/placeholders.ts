/** Rules about text that somebody meant to replace. */
import type { Facts } from '../facts.js'
import { placeInJava, quote, type Hit, type Place } from '../finding.js'
import { entriesOf } from '../rule-list.js'

const EXAMPLE_DOMAINS: readonly string[] = [
  'example.com',
  'example.net',
  'example.org',
  'mycompany.com',
  'yourcompany.com',
  'mydomain.com',
  'yourdomain.com',
]

export function placeholders({ input, lists, lines }: Facts): readonly Hit[] {
  const { java } = input
  const codeBases = (java?.policy.grants ?? []).flatMap((grant) =>
    grant.codeBase === null || java === undefined
      ? []
      : [{ text: grant.codeBase, place: placeInJava(java.file, grant) }],
  )
  const targets = lines.flatMap(({ permission, place }) =>
    permission.target === null ? [] : [{ text: permission.target, place }],
  )
  return [...entriesOf(lists), ...targets, ...codeBases].flatMap(({ text, place }) => hit(text, place))
}

function hit(text: string, place: Place): readonly Hit[] {
  const found = findPlaceholder(text)
  if (found === undefined) return []
  const message = `${quote(text)} still holds ${quote(found)}, which was to be replaced`
  return [{ code: 'placeholder', place, message, fix: 'write the real value, or remove the rule' }]
}

function findPlaceholder(text: string): string | undefined {
  if (text === '<<ALL FILES>>') return undefined
  const word =
    /\b(?:TODO|FIXME|XXX+|PLACEHOLDER)\b/.exec(text) ??
    /\b(?:change|replace)[-_]?me\b/i.exec(text) ??
    /\byour[-_][a-z]+/i.exec(text) ??
    /<[A-Za-z][^<>]*>/.exec(text)
  if (word !== null) return word[0]
  const host = text.toLowerCase()
  return EXAMPLE_DOMAINS.find((domain) => {
    const at = host.lastIndexOf(domain)
    const [before, behind] = [host[at - 1] ?? '.', host[at + domain.length] ?? ':']
    return at !== -1 && '.*/@'.includes(before) && ':/'.includes(behind)
  })
}
