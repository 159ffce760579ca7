/** Rules about what single npm packages may do. */
import { pointerToken } from '../../json-text.js'
import type { Facts } from '../facts.js'
import { placeInJson, quote, type Hit } from '../finding.js'
import { entriesOf } from '../rule-list.js'
import { coveredEntries } from './covered.js'

export function unknownPackages({ input: { policy, packages } }: Facts): readonly Hit[] {
  if (policy === undefined || packages === undefined) return []
  const known = new Set(packages)
  return Object.keys(policy.request.packages ?? {})
    .filter((name) => !known.has(name))
    .map((name) => ({
      code: 'unknown-package',
      place: placeInJson(policy.file, `/packages${pointerToken(name)}`),
      message: `${quote(name)} is no package of the bundle`,
      fix: 'write the name as package.json has it, or remove the entry',
    }))
}

export function coveredPackageRules({ lists }: Facts): readonly Hit[] {
  const whole = lists.filter(({ owner }) => owner === 'plugin')
  const own = entriesOf(lists.filter(({ owner }) => owner === 'package'))
  return coveredEntries(own, whole).map(({ entry: { text, place }, by }) => ({
    code: 'covered-package-rule',
    place,
    message: `the whole plugin may do what ${quote(text)} grants the package, by ${quote(by)}`,
    fix: 'keep the rule in one of the two places',
  }))
}
