/**
 * What the tests of the translator share: the shipped table, and Java policies made
 * without a parser.
 */
import { shippedPolicyParser } from '../../../lib/shipped-policies.js'
import type { Test } from 'tap'
import { readPermissionTable, type JavaPermissionTable } from '../../../lib/policy/java/permission-table.js'
import type { JavaGrant, JavaPermissionText, JavaPolicy } from '../../../lib/policy/java/policy.js'
import { translate, type Translation, type TranslateOptions } from '../../../lib/policy/java/translate.js'
import type { Outcome } from '../../../lib/policy/java/report.js'
import { readShipped } from '../support.js'

export const FILE = 'java.io.FilePermission'
export const SOCKET = 'java.net.SocketPermission'
export const RUNTIME = 'java.lang.RuntimePermission'

export const table: JavaPermissionTable = readPermissionTable(readShipped('java-permissions.json'))

export type Line = readonly [className: string, target?: string | null, actions?: string | null]

/** One grant; its lines stand from line 2 on. */
export function grantWith(lines: readonly Line[], more: Partial<JavaGrant> = {}): JavaGrant {
  return {
    codeBase: null,
    signedBy: null,
    principals: [],
    line: 1,
    column: 1,
    ...more,
    permissions: lines.map((line, index) => ({
      ...textOf(line),
      signedBy: null,
      line: index + 2,
      column: 3,
    })),
  }
}

export function textOf([className, target = null, actions = null]: Line): JavaPermissionText {
  return { class: className, target, actions }
}

export function policyWith(...grants: readonly JavaGrant[]): JavaPolicy {
  return { keystore: null, grants, diagnostics: [] }
}

/** A policy of one grant to the whole plugin, translated with the shipped table. */
export function translated(lines: readonly Line[], options: Partial<TranslateOptions> = {}): Translation {
  return translate(policyWith(grantWith(lines)), { table, ...options })
}

/** `fs.read /etc/hosts`, and `undici: env HOME` for a rule of one package. */
export function rulesIn({ report }: Translation): readonly string[] {
  return report.lines.flatMap(({ grants }) =>
    grants.map(
      (rule) => `${rule.package === null ? '' : `${rule.package}: `}${rule.capability} ${rule.pattern}`,
    ),
  )
}

const parser = shippedPolicyParser()

/** One translation: what becomes of the first line, and the rules of all. */
export interface Case {
  readonly lines: readonly Line[]
  /** Of the first line. */
  readonly outcome: Outcome
  readonly needsPerson?: boolean
  readonly rules: readonly string[]
  readonly reason?: RegExp
  readonly suggestion?: string | null
}

/** Each case a test, named by its key. */
export function check(t: Test, cases: Readonly<Record<string, Case>>): void {
  for (const [name, { lines, outcome, needsPerson = false, rules, reason, suggestion }] of Object.entries(
    cases,
  )) {
    t.test(name, async (t) => {
      const translation = translated(lines)
      const [line] = translation.report.lines
      t.equal(line?.outcome, outcome)
      t.same(rulesIn(translation), rules)
      t.equal(line?.needsPerson, needsPerson, line?.reason ?? 'no line')
      if (reason !== undefined) t.match(line?.reason, reason)
      if (suggestion !== undefined) t.equal(line?.suggestion, suggestion)
      t.same(parser.parsePolicy(translation.policy, 'policy.json'), {
        request: translation.policy,
        extends: [],
      })
    })
  }
}
