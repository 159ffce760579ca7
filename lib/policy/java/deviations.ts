/**
 * Everything that one of the two parsers reads and the other does not: one row each,
 * with what is told about it. The grammar refers to a row where it reads such a thing;
 * reading.ts then refuses it, tells it, or is silent, as the dialect wants.
 */
import type { JavaDialect } from './policy.js'

export interface Deviation {
  readonly refusedBy: JavaDialect
  /** It does not even refuse the file: its loop takes no token away here. */
  readonly endless: boolean
  /** What the refusing parser would read there. */
  readonly expected: string
  readonly message: string
  readonly jdk: string
  readonly opensearch3: string
  readonly remedy: string
}

const READ = 'reads it'
const JDK_REFUSES = 'refuses the whole file'
const OPENSEARCH_REFUSES = 'refuses the whole file'
/** Its main loop waits for the word `grant` and takes no other token away. */
const OPENSEARCH_HANGS = 'never ends reading the file: it waits for the next grant here'

export const MISSING_SEMICOLON: Deviation = {
  refusedBy: 'jdk',
  endless: false,
  expected: "';'",
  message: "there is no ';' behind the '}' of this grant",
  jdk: JDK_REFUSES,
  opensearch3: READ,
  remedy: "write '};'",
}

export const MISSING_COMMA: Deviation = {
  refusedBy: 'jdk',
  endless: false,
  expected: "',' or ';'",
  message: 'there is no comma between the name of this permission and its actions',
  jdk: JDK_REFUSES,
  opensearch3: READ,
  remedy: "write ',' between the two strings",
}

export const SINGLE_QUOTES: Deviation = {
  refusedBy: 'jdk',
  endless: false,
  expected: 'a string in double quotes',
  message: 'this string stands in single quotes',
  jdk: JDK_REFUSES,
  opensearch3: READ,
  remedy: 'write it in double quotes',
}

export const QUOTED_KEYWORD: Deviation = {
  refusedBy: 'jdk',
  endless: false,
  expected: 'the same without quotes',
  message: 'a part of the grammar stands in quotes',
  jdk: JDK_REFUSES,
  opensearch3: READ,
  remedy: 'write it without quotes',
}

export const BARE_CODEBASE: Deviation = {
  refusedBy: 'jdk',
  endless: false,
  expected: 'a string in double quotes',
  message: 'the URL of this codeBase stands without quotes',
  jdk: JDK_REFUSES,
  opensearch3: READ,
  remedy: 'write it in double quotes',
}

export const MARK_AS_TEXT: Deviation = {
  refusedBy: 'jdk',
  endless: false,
  expected: 'a word or a string',
  message: 'a punctuation mark stands where a name is expected',
  jdk: JDK_REFUSES,
  opensearch3: 'takes the mark for the name',
  remedy: 'write the name that is missing before it',
}

export const KEYSTORE_ENTRY: Deviation = {
  refusedBy: 'opensearch3',
  endless: true,
  expected: "'grant'",
  message: 'a keystore entry stands here',
  jdk: READ,
  opensearch3: OPENSEARCH_HANGS,
  remedy: 'remove the entry: OpenSearch checks no signatures',
}

export const EMPTY_ENTRY: Deviation = {
  refusedBy: 'opensearch3',
  endless: true,
  expected: "'grant'",
  message: "a ';' stands here by itself",
  jdk: 'reads it as an empty entry',
  opensearch3: OPENSEARCH_HANGS,
  remedy: "remove the ';'",
}

export const SIGNED_GRANT: Deviation = {
  refusedBy: 'opensearch3',
  endless: false,
  expected: "'codeBase' or '{'",
  message: 'this grant is for signed code only',
  jdk: READ,
  opensearch3: OPENSEARCH_REFUSES,
  remedy: 'remove the signedBy clause: OpenSearch checks no signatures',
}

export const GRANT_TO_PRINCIPAL: Deviation = {
  refusedBy: 'opensearch3',
  endless: false,
  expected: "'codeBase' or '{'",
  message: 'this grant is for a principal only',
  jdk: READ,
  opensearch3: OPENSEARCH_REFUSES,
  remedy: 'remove the principal clause: OpenSearch knows no principals of the JVM',
}

export const SIGNED_PERMISSION: Deviation = {
  refusedBy: 'opensearch3',
  endless: false,
  expected: "';'",
  message: 'the class of this permission must be signed',
  jdk: READ,
  opensearch3: OPENSEARCH_REFUSES,
  remedy: 'remove the signedBy clause: OpenSearch checks no signatures',
}

export const COMMA_AFTER_ACTIONS: Deviation = {
  refusedBy: 'opensearch3',
  endless: false,
  expected: "';'",
  message: 'a comma stands behind the actions of this permission',
  jdk: READ,
  opensearch3: OPENSEARCH_REFUSES,
  remedy: 'remove the comma',
}
