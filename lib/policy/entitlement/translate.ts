/**
 * An Elasticsearch `entitlement-policy.yaml` as a request of ours, and what became of each
 * of its entitlements, in the report that Java policies have. Never wider: what `decide`
 * allows under the request, approved as it stands, the entitlements allowed.
 */
import { applied, checkComment, rulesOf } from '../java/place-rules.js'
import { toPackage, type Application } from '../java/application.js'
import type { JavaPermissionText } from '../java/policy.js'
import { countLines, type TranslatedLine } from '../java/report.js'
import type { Translation } from '../java/translate.js'
import { judge } from './judge.js'
import { parseEntitlements, type Entitlement, type FileEntitlement } from './parse.js'

export interface EntitlementOptions {
  /** The npm package that stands in for the code of a Java module, by the module's name. */
  readonly packages?: Readonly<Record<string, string>>
  /** Where the policy comes from, for the `$comment`. */
  readonly comment?: string
}

/**
 * @param text - the YAML
 * @throws PluginError `ENTITLEMENT_POLICY_INVALID` for a text that is no entitlement policy; `CONFIG_INVALID`
 *   for a comment above what a policy holds, or a name that no npm package has
 */
export function translateEntitlements(text: string, options: EntitlementOptions = {}): Translation {
  const { packages = {}, comment = '' } = options
  checkComment(comment)
  const lines = parseEntitlements(text).map((one) => translateOne(one, packages))
  return {
    policy: { ...(comment === '' ? {} : { $comment: comment }), policyVersion: 1, ...rulesOf(lines) },
    report: { counts: countLines(lines), lines, notes: NOTES },
  }
}

/** What Elasticsearch allows without an entitlement, so that no line tells of it. */
const NOTES: readonly string[] = [
  'Elasticsearch lets every plugin read its configuration directory and use its temporary directory; nothing is granted for that.',
  'Elasticsearch lets every plugin read environment variables and settings; those that the plugin reads have to be named.',
]

function translateOne(entitlement: Entitlement, packages: Readonly<Record<string, string>>): TranslatedLine {
  const { module, line, column } = entitlement
  const application = applicationOf(module, packages)
  const { outcome, rules, reason, needsPerson, suggestion } = applied(judge(entitlement), application)
  const owner = application.kind === 'package' ? application.name : null
  return {
    line,
    column,
    codeBase: module,
    permission: textOf(entitlement),
    outcome,
    grants: rules.map((rule) => ({ ...rule, package: owner })),
    reason,
    needsPerson,
    suggestion,
  }
}

function applicationOf(module: string | null, packages: Readonly<Record<string, string>>): Application {
  if (module === null) return { kind: 'plugin' }
  return toPackage(module, Object.hasOwn(packages, module) ? packages[module] : undefined)
}

function textOf(entitlement: Entitlement): JavaPermissionText {
  const { name } = entitlement
  switch (entitlement.kind) {
    case 'plain':
      return { class: name, target: null, actions: null }
    case 'property':
      return { class: name, target: entitlement.property, actions: null }
    case 'file': {
      const { mode, platform, exclusive } = entitlement.file
      const words = [mode, ...(platform === null ? [] : [platform]), ...(exclusive ? ['exclusive'] : [])]
      return { class: name, target: targetOf(entitlement.file), actions: words.join(',') }
    }
  }
}

/** `<config>/certs`: what is not written out is in angle brackets. */
function targetOf({ path }: FileEntitlement): string {
  switch (path.kind) {
    case 'absolute':
      return path.path
    case 'relative':
      return `<${path.base}>/${path.path}`
    case 'setting':
      return `<${path.setting}>`
  }
}
