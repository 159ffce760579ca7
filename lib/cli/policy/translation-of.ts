/** A policy file of another system as a policy.json, and all there is to say about it; places name the file. */
import { PluginError } from '../../errors.js'
import type { PolicyRequest } from '../../policy/document.js'
import { translateEntitlements } from '../../policy/entitlement/translate.js'
import { parseJavaPolicy } from '../../policy/java/parse.js'
import type { JavaDialect } from '../../policy/java/policy.js'
import { translate } from '../../policy/java/translate.js'
import { shippedPermissionTable } from '../../shipped-policies.js'
import { lintJava } from './lint-java.js'
import type { Translated } from './show-translation.js'

interface Source {
  readonly text: string
  /** As the user knows it. */
  readonly file: string
  /** `undefined` for standard input. */
  readonly name: string | undefined
}

interface PackageOptions {
  readonly package?: Readonly<Record<string, string>>
}

interface JavaOptions extends PackageOptions {
  readonly dialect?: JavaDialect
  readonly property?: Readonly<Record<string, string>>
  readonly acceptAll?: string
}

type Result = Translated & { readonly policy: PolicyRequest }

export function translateJava({ text, file, name }: Source, options: JavaOptions): Result {
  const { dialect, property, package: packages = {}, acceptAll } = options
  const java = inFile(file, () =>
    // Without properties: a parser drops what it has no value for, and no line is to be lost here.
    parseJavaPolicy(text, dialect === undefined ? {} : { dialect }),
  )
  const { policy, report } = translate(java, {
    table: shippedPermissionTable(),
    packages,
    ...(property === undefined ? {} : { properties: property }),
    comment: `Translated from ${name ?? 'a Java policy'}`,
    ...(acceptAll === undefined ? {} : { acceptAll }),
  })
  return { policy, file, report, diagnostics: java.diagnostics, findings: lintJava(file, java) }
}

export function translateEntitlementPolicy(
  { text, file, name }: Source,
  { package: packages = {} }: PackageOptions,
): Result {
  const comment = `Translated from ${name ?? 'an entitlement policy'}`
  const { policy, report } = inFile(file, () => translateEntitlements(text, { packages, comment }))
  return { policy, file, report, diagnostics: [], findings: [] }
}

const UNREADABLE: readonly string[] = ['JAVA_POLICY_INVALID', 'ENTITLEMENT_POLICY_INVALID']

/** The parser knows no file; whoever has to mend one does. */
function inFile<T>(file: string, parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    if (!(error instanceof PluginError) || !UNREADABLE.includes(error.code)) throw error
    const { line, column } = error.detail
    throw new PluginError(error.code, { file: `${file}:${String(line)}:${String(column)}`, ...error.detail })
  }
}
