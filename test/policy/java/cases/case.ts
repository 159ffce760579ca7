/**
 * What a miniature of a policy file is to each of the two parsers. The right-hand
 * sides of the tables are what JDK 17 itself said, and for OpenSearch 3 its rules.
 */
/** Class, target, actions, signer; what is absent at the end is left out. */
type PermissionRow = readonly [string, ...(string | null)[]]
export interface GrantRow {
  readonly codeBase?: string
  readonly signedBy?: string
  readonly principals?: readonly (readonly [string, string])[]
  readonly permissions: readonly PermissionRow[]
}
export interface Case {
  readonly says: string
  readonly text: string
  readonly jdk: readonly GrantRow[] | 'refuses'
  readonly opensearch3: readonly GrantRow[] | 'the same' | 'refuses' | 'never ends'
  readonly keystore?: {
    readonly url: string | null
    readonly type: string | null
    readonly provider: string | null
    readonly passwordURL: string | null
  }
}
