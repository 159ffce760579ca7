/**
 * Rules of translated lines, put where they apply: the whole plugin, one npm package, or
 * nowhere.
 */
import { PluginError } from '../../errors.js'
import { rulesFrom } from '../capability.js'
import type { GrantRules, PackageRules, PolicyRequest } from '../document.js'
import type { Application } from './application.js'
import { allByHand, type TranslatedLine, type Verdict } from './report.js'

/** Only what would have become rules depends on where it applies. */
export function applied(verdict: Verdict, application: Application): Verdict {
  if (application.kind === 'plugin') return verdict
  if (application.kind === 'package') {
    const { suggestion } = verdict
    return suggestion === null || verdict.rules.length === 0
      ? verdict
      : { ...verdict, suggestion: `in packages[${JSON.stringify(application.name)}]: ${suggestion}` }
  }
  if (verdict.rules.length === 0) return verdict
  const { outcome, reason, byPackage } = application
  return {
    outcome,
    rules: [],
    reason,
    needsPerson: outcome === 'refused',
    suggestion:
      outcome === 'refused'
        ? `${byPackage ? 'in packages[npm package]: ' : ''}${allByHand(verdict.rules)}`
        : null,
  }
}

/** In one fixed form: sorted, each once. */
export function rulesOf(lines: readonly TranslatedLine[]): Pick<PolicyRequest, 'grant' | 'packages'> {
  const granted = lines.flatMap(({ grants }) => grants)
  const rulesFor = (name: string | null): GrantRules => {
    const own = granted.filter((rule) => rule.package === name)
    return rulesFrom((capability) => {
      const patterns = own.flatMap((rule) => (rule.capability === capability ? [rule.pattern] : []))
      return patterns.length === 0 ? undefined : [...new Set(patterns)].toSorted()
    })
  }
  const names = [
    ...new Set(granted.flatMap((rule) => (rule.package === null ? [] : [rule.package]))),
  ].toSorted()
  if (names.length === 0) return { grant: rulesFor(null) }
  const packages = names.map((name): [string, PackageRules] => [name, rulesFor(name)])
  return { grant: rulesFor(null), packages: Object.fromEntries(packages) }
}

/** Characters that a `$comment` may have, as policies/policy.schema.json has it. */
const MAX_COMMENT = 4096

/**
 * @param reason - stands in the `$comment` too
 * @throws PluginError `CONFIG_INVALID`
 */
export function checkComment(comment: string, reason: string = ''): void {
  if (comment.length + reason.length <= MAX_COMMENT - 100) return
  const included = reason === '' ? '' : ', the reason for acceptAll included'
  const remedy = `use ${MAX_COMMENT - 100} characters at most${included}`
  throw new PluginError('CONFIG_INVALID', { option: 'comment', remedy })
}
