/**
 * Says what in a policy, an approval or a Java policy is wrong, wider than meant or
 * worth knowing. Findings are advice: whether a document is valid is parse.ts's
 * question, what a grant allows is decide's.
 */
import { LINT_CODES } from './codes.js'
import { gatherFacts, type Rule } from './facts.js'
import { placeInJson, type Finding, type Hit } from './finding.js'
import type { LintInput } from './input.js'
import { loopbackAddresses, metadataAddresses, privateAddresses } from './rules/addresses.js'
import {
  additionsWithoutEnd,
  anyCodeAccepted,
  coveredAdditions,
  datesOfAdditions,
  narrowings,
} from './rules/approvals.js'
import { allSettings, anyExtensionPoint, highLimits, secretEnv, wholeClusterState } from './rules/breadth.js'
import { coveredRules } from './rules/covered.js'
import { sharedDomains, wideHosts } from './rules/hosts.js'
import { deniedImports, uncoveredImports, unusedCapabilities } from './rules/imports.js'
import { duplicateGrants, unknownProperties, unreachableCodeBases } from './rules/java-codebases.js'
import { coveredGrants, coveredLines, refusedPermissions } from './rules/java-covered.js'
import {
  allPermissions,
  anyName,
  executes,
  anyRuntime,
  ignoredActions,
  relativePaths,
  unknownClasses,
  writesWithoutDelete,
} from './rules/java-names.js'
import { coveredPackageRules, unknownPackages } from './rules/packages.js'
import {
  anyFile,
  deadPaths,
  developerPaths,
  parentPaths,
  secretFiles,
  systemWrites,
  temporaryPaths,
} from './rules/paths.js'
import { placeholders } from './rules/placeholders.js'
import { allPorts } from './rules/ports.js'

export { LINT_CODES, type LintCode } from './codes.js'
export type { Finding } from './finding.js'
export type { LintInput } from './input.js'

const RULES: readonly Rule[] = [
  wideHosts,
  sharedDomains,
  allPorts,
  metadataAddresses,
  loopbackAddresses,
  privateAddresses,
  anyFile,
  systemWrites,
  secretFiles,
  developerPaths,
  temporaryPaths,
  parentPaths,
  deadPaths,
  placeholders,
  coveredRules,
  allPermissions,
  anyRuntime,
  anyName,
  ignoredActions,
  refusedPermissions,
  unknownClasses,
  unknownProperties,
  relativePaths,
  executes,
  writesWithoutDelete,
  unreachableCodeBases,
  duplicateGrants,
  coveredGrants,
  coveredLines,
  secretEnv,
  allSettings,
  wholeClusterState,
  anyExtensionPoint,
  highLimits,
  unknownPackages,
  coveredPackageRules,
  narrowings,
  datesOfAdditions,
  additionsWithoutEnd,
  coveredAdditions,
  anyCodeAccepted,
  unusedCapabilities,
  uncoveredImports,
  deniedImports,
]

/** Findings beyond this are counted and left out. */
const MAX_FINDINGS = 1000

/**
 * All findings about the documents, sorted by file, place and code, each once. The same
 * input gives the same list. Never throws for documents that came from the parsers.
 */
export function lint(input: LintInput): readonly Finding[] {
  const facts = gatherFacts(input)
  const findings = distinct(RULES.flatMap((rule) => rule(facts)).map(rate)).toSorted(compare)
  if (findings.length <= MAX_FINDINGS) return findings
  const kept = findings.slice(0, MAX_FINDINGS)
  return [...kept, rate(leftOut(findings.length - MAX_FINDINGS, kept.at(-1)?.file ?? ''))]
}

function rate({ code, place, message, fix }: Hit): Finding {
  return { code, severity: LINT_CODES[code].severity, ...place, message, fix }
}

function leftOut(count: number, file: string): Hit {
  return {
    code: 'findings-left-out',
    place: placeInJson(file, ''),
    message: `${count} more findings are left out`,
    fix: 'mend those above and look again',
  }
}

function distinct(findings: readonly Finding[]): readonly Finding[] {
  const byKey = new Map(findings.map((finding) => [JSON.stringify(finding), finding]))
  return [...byKey.values()]
}

function compare(a: Finding, b: Finding): number {
  return (
    order(a.file, b.file) ||
    (a.line ?? 0) - (b.line ?? 0) ||
    (a.column ?? 0) - (b.column ?? 0) ||
    comparePointers(a.pointer ?? '', b.pointer ?? '') ||
    order(a.code, b.code) ||
    order(a.message, b.message)
  )
}

/** Item 10 of a list comes after item 9. */
function comparePointers(a: string, b: string): number {
  const [left, right] = [a.split('/'), b.split('/')]
  const at = left.findIndex((token, index) => token !== right[index])
  if (at === -1) return left.length - right.length
  const [one = '', other = ''] = [left[at], right[at]]
  const numeric = /^\d+$/.test(one) && /^\d+$/.test(other)
  return (numeric ? Number(one) - Number(other) : 0) || order(one, other)
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
