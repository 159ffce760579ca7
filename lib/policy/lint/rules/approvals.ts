/** Rules about what the operator answers, held against what the plugin asks for. */
import { PATTERN_KINDS } from '../../capability.js'
import type { Addition } from '../../document.js'
import { compared, comparedTexts } from '../compared.js'
import type { Facts } from '../facts.js'
import { placeInJson, quote, type Hit } from '../finding.js'
import { apart } from '../patterns.js'
import { entriesOf, patternsIn, type RuleList, type RuleOwner } from '../rule-list.js'
import { coveredEntries } from './covered.js'

const DAY = 86_400_000
const SOON_DAYS = 14

export function narrowings({ input, lists }: Facts): readonly Hit[] {
  if (input.policy === undefined || input.policy.request.extends !== undefined) return [] // what is asked is not all here
  const asked = lists.filter(({ owner }) => owner === 'plugin' || owner === 'package')
  return lists
    .filter(({ owner }) => owner === 'narrow')
    .flatMap((list): readonly Hit[] => {
      if (list.patterns.length === 0) return [] // that takes everything, and says so
      const patterns = patternsIn(asked, list.capability)
      if (patterns.length === 0) return [notAsked(list)]
      // "Nothing" can be said only where everything was compared.
      return comparedTexts(patterns).length === patterns.length ? meetsNothing(list, patterns) : []
    })
}

function notAsked({ file, pointer, capability }: RuleList): Hit {
  return {
    code: 'narrow-not-asked',
    place: placeInJson(file, pointer),
    message: `the plugin asks for no ${capability}, so there is nothing to narrow`,
    fix: "remove it, or grant it under 'add' with a reason",
  }
}

function meetsNothing(list: RuleList, asked: readonly string[]): readonly Hit[] {
  const kind = PATTERN_KINDS[list.capability]
  return compared(entriesOf([list]), ({ text }) => text)
    .filter(({ text }) => asked.every((pattern) => apart(kind, pattern, text)))
    .map(({ text, place }) => ({
      code: 'narrow-meets-nothing',
      place,
      message: `${quote(text)} overlaps nothing the plugin asks for under ${list.capability}`,
      fix: `write a part of what is asked, like ${quote(asked[0] ?? '')}, or remove it`,
    }))
}

export function datesOfAdditions({ input: { approval, wallTime } }: Facts): readonly Hit[] {
  if (approval === undefined || wallTime === undefined) return []
  return (approval.approval.add ?? []).flatMap(({ expires }, index): readonly Hit[] => {
    if (expires === undefined) return []
    const left = Date.parse(`${expires}T00:00:00Z`) - wallTime
    const place = placeInJson(approval.file, `/add/${index}/expires`)
    if (!(left > 0)) {
      const message = `the addition expired on ${expires.slice(0, 10)} and grants nothing`
      return [
        { code: 'addition-expired', place, message, fix: 'remove it, or give it a new date and say why' },
      ]
    }
    if (left > SOON_DAYS * DAY) return []
    const message = `the addition grants nothing from ${expires} on`
    return [
      {
        code: 'addition-expires-soon',
        place,
        message,
        fix: 'renew it in time, or make sure that it is not needed',
      },
    ]
  })
}

/** Additions from which the network or the disk is open until somebody remembers them. */
export function additionsWithoutEnd({ input: { approval } }: Facts): readonly Hit[] {
  return (approval?.approval.add ?? []).flatMap((addition, index): readonly Hit[] => {
    const opened = opens(addition)
    if (approval === undefined || addition.expires !== undefined || opened === undefined) return []
    return [
      {
        code: 'addition-without-end',
        place: placeInJson(approval.file, `/add/${index}`),
        message: `the addition opens ${opened} and has no 'expires'`,
        fix: 'give it a date at which somebody looks again, like "expires": "2027-06-30"',
      },
    ]
  })
}

function opens({ grant: { fs, net } }: Addition): string | undefined {
  if ((net?.connect ?? []).length > 0 || (net?.listen ?? []).length > 0) return 'the network'
  return (fs?.write ?? []).length > 0 ? 'writing' : undefined
}

/** Where the approval narrows, an addition may bring back what it took. */
export function coveredAdditions({ lists }: Facts): readonly Hit[] {
  const ownedBy = (owner: RuleOwner): readonly RuleList[] => lists.filter((list) => list.owner === owner)
  const narrow = ownedBy('narrow')
  const additions = entriesOf(ownedBy('addition'))
  const left = new Set(coveredEntries(additions, narrow).map(({ entry }) => entry))
  return coveredEntries(additions, ownedBy('plugin'))
    .filter(
      ({ entry }) =>
        left.has(entry) || !narrow.some(({ capability }) => capability === entry.list.capability),
    )
    .map(({ entry: { text, place }, by }) => ({
      code: 'addition-covered',
      place,
      message: `${quote(text)} is granted already, by ${quote(by)} of the policy`,
      fix: 'remove it',
    }))
}

export function anyCodeAccepted({ input: { approval } }: Facts): readonly Hit[] {
  if (approval?.approval.approves.acceptUpdates !== 'code') return []
  return [
    {
      code: 'any-code-accepted',
      place: placeInJson(approval.file, '/approves/acceptUpdates'),
      message: 'any code of this plugin starts as long as it asks for the same',
      fix: "write 'none' and the hash of the bundle, so that an update waits for approval",
    },
  ]
}
