/** For whom a grant is: code base, signers and principals. */
import type { Case } from './case.js'

export const CLAUSES: readonly Case[] = [
  {
    says: 'a grant is for a code base',
    text: 'grant codeBase "file:/a/-" { };',
    jdk: [{ codeBase: 'file:/a/-', permissions: [] }],
    opensearch3: 'the same',
  },
  {
    says: 'a grant is for signed code',
    text: 'grant signedBy "me,you" { };',
    jdk: [{ signedBy: 'me,you', permissions: [] }],
    opensearch3: 'refuses',
  },
  {
    says: 'clauses stand in any order, with or without commas',
    text: 'grant signedBy "me" principal a.B "n", codeBase "u" { };',
    jdk: [{ codeBase: 'u', signedBy: 'me', principals: [['a.B', 'n']], permissions: [] }],
    opensearch3: 'refuses',
  },
  {
    says: 'a comma may stand behind the last clause',
    text: 'grant codeBase "u", { };',
    jdk: [{ codeBase: 'u', permissions: [] }],
    opensearch3: 'the same',
  },
  {
    says: 'a comma may not stand first',
    text: 'grant , codeBase "u" { };',
    jdk: 'refuses',
    opensearch3: 'refuses',
  },
  {
    says: 'two code bases are refused',
    text: 'grant codeBase "a", codeBase "b" { };',
    jdk: 'refuses',
    opensearch3: 'refuses',
  },
  {
    says: 'two signers clauses are refused',
    text: 'grant signedBy "a", signedBy "b" { };',
    jdk: 'refuses',
    opensearch3: 'refuses',
  },
  {
    says: 'an empty alias is refused',
    text: 'grant signedBy "a,,b" { };',
    jdk: 'refuses',
    opensearch3: 'refuses',
  },
  {
    says: 'an alias of spaces is empty',
    text: 'grant signedBy " , a" { };',
    jdk: 'refuses',
    opensearch3: 'refuses',
  },
  {
    says: 'no alias at all is refused',
    text: 'grant signedBy "" { };',
    jdk: 'refuses',
    opensearch3: 'refuses',
  },
  {
    says: 'a principal has a class and a name',
    text: 'grant principal a.B "n", principal c.D "m" { };',
    jdk: [
      {
        principals: [
          ['a.B', 'n'],
          ['c.D', 'm'],
        ],
        permissions: [],
      },
    ],
    opensearch3: 'refuses',
  },
  {
    says: 'a principal may be an alias',
    text: 'grant principal "duke" { };',
    jdk: [{ principals: [['PolicyParser.REPLACE_NAME', 'duke']], permissions: [] }],
    opensearch3: 'refuses',
  },
  {
    says: 'any name of a class is a principal',
    text: 'grant principal a.B * { };',
    jdk: [{ principals: [['a.B', 'WILDCARD_PRINCIPAL_NAME']], permissions: [] }],
    opensearch3: 'refuses',
  },
  {
    says: 'any principal is a principal',
    text: 'grant principal * * { };',
    jdk: [{ principals: [['WILDCARD_PRINCIPAL_CLASS', 'WILDCARD_PRINCIPAL_NAME']], permissions: [] }],
    opensearch3: 'refuses',
  },
  {
    says: 'any class with a name is refused',
    text: 'grant principal * "n" { };',
    jdk: 'refuses',
    opensearch3: 'refuses',
  },
  {
    says: 'the constants of the JDK are no way around that',
    text: 'grant principal WILDCARD_PRINCIPAL_CLASS "n" { };',
    jdk: 'refuses',
    opensearch3: 'refuses',
  },
  {
    says: 'but a name may be the constant',
    text: 'grant principal * "WILDCARD_PRINCIPAL_NAME" { };',
    jdk: [{ principals: [['WILDCARD_PRINCIPAL_CLASS', 'WILDCARD_PRINCIPAL_NAME']], permissions: [] }],
    opensearch3: 'refuses',
  },
  {
    says: 'a principal needs a name',
    text: 'grant principal a.B { };',
    jdk: 'refuses',
    opensearch3: 'refuses',
  },
  {
    says: 'the name of an X500Principal takes the form of RFC 2253',
    text: 'grant principal javax.security.auth.x500.X500Principal "cn=Duke,  OU = Java" { };',
    jdk: [{ principals: [['javax.security.auth.x500.X500Principal', 'CN=Duke,OU=Java']], permissions: [] }],
    opensearch3: 'refuses',
  },
  {
    says: 'and must be one',
    text: 'grant principal javax.security.auth.x500.X500Principal "Duke" { };',
    jdk: 'refuses',
    opensearch3: 'refuses',
  },
  { says: 'another clause is refused', text: 'grant to "me" { };', jdk: 'refuses', opensearch3: 'refuses' },
  {
    says: 'a code base without quotes is for OpenSearch 3 only',
    text: 'grant codeBase here { };',
    jdk: 'refuses',
    opensearch3: [{ codeBase: 'here', permissions: [] }],
  },
  {
    says: 'a mark as a code base is for OpenSearch 3 only',
    text: 'grant codeBase ; { };',
    jdk: 'refuses',
    opensearch3: [{ codeBase: ';', permissions: [] }],
  },
  {
    says: 'another mark is for nobody',
    text: 'grant codeBase = { };',
    jdk: 'refuses',
    opensearch3: 'refuses',
  },
  {
    says: 'a quoted brace opens a grant for OpenSearch 3 only',
    text: 'grant codeBase "u" "{" permission A; };',
    jdk: 'refuses',
    opensearch3: [{ codeBase: 'u', permissions: [['A']] }],
  },
  {
    says: 'a quoted comma separates clauses for OpenSearch 3 only',
    text: 'grant codeBase "u" "," { };',
    jdk: 'refuses',
    opensearch3: [{ codeBase: 'u', permissions: [] }],
  },
  {
    says: 'a quoted keyword begins a grant for OpenSearch 3 only',
    text: "'grant' \"CODEBASE\" 'u' { 'permission' A; \"}\" ';'",
    jdk: 'refuses',
    opensearch3: [{ codeBase: 'u', permissions: [['A']] }],
  },
  {
    says: 'a quoted brace is a code base where a string is expected',
    text: 'grant codeBase "{" { };',
    jdk: [{ codeBase: '{', permissions: [] }],
    opensearch3: 'the same',
  },
]
