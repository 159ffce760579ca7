/**
 * A Java `security.policy` as data: what the file says, before anyone asks what it
 * means. java/parse.ts makes it, java/translate.ts and the linter read it.
 */

/** `jdk`: JDK 17's own reading, exact. `opensearch3`: as OpenSearch 3's own parser reads. */
export type JavaDialect = 'jdk' | 'opensearch3'

export interface JavaPolicy {
  readonly keystore: JavaKeystore | null
  readonly grants: readonly JavaGrant[]
  /** What a reader should know although the file could be read; in the order of the file. */
  readonly diagnostics: readonly JavaDiagnostic[]
}

export interface JavaKeystore {
  readonly url: string | null
  readonly type: string | null
  readonly provider: string | null
  readonly passwordURL: string | null
}

export interface JavaGrant {
  readonly codeBase: string | null
  readonly signedBy: string | null
  readonly principals: readonly JavaPrincipal[]
  readonly permissions: readonly JavaPermission[]
  /** Of the word `grant`; both from 1. */
  readonly line: number
  readonly column: number
}

/**
 * Class and name as the JDK keeps them: `WILDCARD_PRINCIPAL_CLASS` and
 * `WILDCARD_PRINCIPAL_NAME` for `*`, `PolicyParser.REPLACE_NAME` for the class of an alias.
 */
export type JavaPrincipal = readonly [className: string, name: string]

/** A permission as a policy names it; `null` for what it leaves out. */
export interface JavaPermissionText {
  /** Fully qualified: `java.io.FilePermission`. */
  readonly class: string
  readonly target: string | null
  readonly actions: string | null
}

export interface JavaPermission extends JavaPermissionText {
  readonly signedBy: string | null
  /** Of the word `permission`; both from 1, a column counts UTF-16 units. */
  readonly line: number
  readonly column: number
}

export interface JavaDiagnostic {
  readonly severity: 'warning' | 'info'
  readonly line: number
  readonly column: number
  /** What stands there, one sentence. */
  readonly message: string
  /** What the JDK does with the file or the entry. */
  readonly jdk: string
  /** What OpenSearch 3 does with it. */
  readonly opensearch3: string
  /** What to write instead, one sentence. */
  readonly remedy: string
}
