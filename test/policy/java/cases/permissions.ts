/** Permissions inside a grant. */
import type { Case } from './case.js'

export const PERMISSIONS: readonly Case[] = [
  {
    says: 'a class alone',
    text: 'grant { permission A; };',
    jdk: [{ permissions: [['A']] }],
    opensearch3: 'the same',
  },
  {
    says: 'class and target',
    text: 'grant { permission a.B "t"; };',
    jdk: [{ permissions: [['a.B', 't']] }],
    opensearch3: 'the same',
  },
  {
    says: 'class, target and actions',
    text: 'grant { permission A "t", "read,write"; };',
    jdk: [{ permissions: [['A', 't', 'read,write']] }],
    opensearch3: 'the same',
  },
  {
    says: 'actions without a target',
    text: 'grant { permission A, "read"; };',
    jdk: [{ permissions: [['A', null, 'read']] }],
    opensearch3: 'the same',
  },
  {
    says: 'a comma may stand at the end',
    text: 'grant { permission A "t",; permission B,; };',
    jdk: [{ permissions: [['A', 't'], ['B']] }],
    opensearch3: 'the same',
  },
  {
    says: 'a comma behind the actions is for the JDK only',
    text: 'grant { permission A "t", "a",; };',
    jdk: [{ permissions: [['A', 't', 'a']] }],
    opensearch3: 'refuses',
  },
  {
    says: 'a signer is for the JDK only',
    text: 'grant { permission A "t", "a", signedBy "me"; permission B "t", signedBy "me"; permission C, signedBy "me"; };',
    jdk: [
      {
        permissions: [
          ['A', 't', 'a', 'me'],
          ['B', 't', null, 'me'],
          ['C', null, null, 'me'],
        ],
      },
    ],
    opensearch3: 'refuses',
  },
  {
    says: 'an empty alias is no fault here',
    text: 'grant { permission A "t", "a", signedBy ""; };',
    jdk: [{ permissions: [['A', 't', 'a', '']] }],
    opensearch3: 'refuses',
  },
  {
    says: 'a signer needs a comma before it',
    text: 'grant { permission A "t" signedBy "me"; };',
    jdk: 'refuses',
    opensearch3: 'refuses',
  },
  {
    says: 'a signer is a string',
    text: 'grant { permission A, signedBy me; };',
    jdk: 'refuses',
    opensearch3: 'refuses',
  },
  {
    says: 'the class may stand in quotes',
    text: 'grant { permission "a.B" "t"; };',
    jdk: [{ permissions: [['a.B', 't']] }],
    opensearch3: 'the same',
  },
  {
    says: 'a keyword may be a class',
    text: 'grant { permission permission "grant"; };',
    jdk: [{ permissions: [['permission', 'grant']] }],
    opensearch3: 'the same',
  },
  {
    says: 'a missing comma is for OpenSearch 3 only',
    text: 'grant { permission A "t" "a"; };',
    jdk: 'refuses',
    opensearch3: [{ permissions: [['A', 't', 'a']] }],
  },
  {
    says: 'single quotes are for OpenSearch 3 only',
    text: "grant { permission 'A' 't', 'a'; };",
    jdk: 'refuses',
    opensearch3: [{ permissions: [['A', 't', 'a']] }],
  },
  {
    says: 'a quoted comma is a comma for OpenSearch 3 only',
    text: 'grant { permission A "t" "," "a"; };',
    jdk: 'refuses',
    opensearch3: [{ permissions: [['A', 't', 'a']] }],
  },
  {
    says: 'a quoted comma may be a target',
    text: 'grant { permission A ",", ","; };',
    jdk: [{ permissions: [['A', ',', ',']] }],
    opensearch3: 'the same',
  },
  {
    says: 'a quoted semicolon ends a permission for OpenSearch 3 only',
    text: 'grant { permission A "t", "a" ";" };',
    jdk: 'refuses',
    opensearch3: [{ permissions: [['A', 't', 'a']] }],
  },
  {
    says: 'a mark as a class is for OpenSearch 3 only',
    text: 'grant { permission ; ; };',
    jdk: 'refuses',
    opensearch3: [{ permissions: [[';']] }],
  },
  {
    says: 'nobody reads three strings',
    text: 'grant { permission A "t" "a" "x"; };',
    jdk: 'refuses',
    opensearch3: 'refuses',
  },
  {
    says: 'a permission ends with a semicolon',
    text: 'grant { permission A "t" };',
    jdk: 'refuses',
    opensearch3: 'refuses',
  },
  {
    says: 'an empty permission is refused',
    text: 'grant { permission A;; };',
    jdk: 'refuses',
    opensearch3: 'refuses',
  },
  {
    says: 'a permission needs a class',
    text: 'grant { permission = ; };',
    jdk: 'refuses',
    opensearch3: 'refuses',
  },
  {
    says: 'a dash is no letter',
    text: 'grant { permission a-b "t"; };',
    jdk: 'refuses',
    opensearch3: 'refuses',
  },
  {
    says: 'empty strings are strings',
    text: 'grant { permission A "", ""; };',
    jdk: [{ permissions: [['A', '', '']] }],
    opensearch3: 'the same',
  },
  {
    says: 'another entry in a grant is refused',
    text: 'grant { deny A; };',
    jdk: 'refuses',
    opensearch3: 'refuses',
  },
  { says: 'a grant needs its end', text: 'grant { permission A;', jdk: 'refuses', opensearch3: 'refuses' },
  { says: 'a grant does not nest', text: 'grant { grant { }; };', jdk: 'refuses', opensearch3: 'refuses' },
  {
    says: 'a JCE jurisdiction file is refused',
    text: 'grant { permission javax.crypto.CryptoPermission "AES", 128, *; };',
    jdk: 'refuses',
    opensearch3: 'refuses',
  },
  {
    says: 'also one with a number behind the class',
    text: 'grant { permission javax.crypto.CryptoPermission *, 128; };',
    jdk: 'refuses',
    opensearch3: 'refuses',
  },
  {
    says: 'what is in both grammars is read',
    text: 'grant { permission javax.crypto.CryptoAllPermission; };',
    jdk: [{ permissions: [['javax.crypto.CryptoAllPermission']] }],
    opensearch3: 'the same',
  },
]
