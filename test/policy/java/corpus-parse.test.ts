// On real policy files we read what JDK 17's own parser read, and refuse what it refused.
// BULKHEAD_POLICY_CORPUS names a folder with the files and what the JDK made of them.
import t from 'tap'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PluginError } from '../../../lib/errors.js'
import { parseJavaPolicy } from '../../../lib/policy/java/parse.js'
import type { JavaPolicy } from '../../../lib/policy/java/policy.js'

interface Expected {
  readonly file: string
  readonly error: string | null
  readonly keystore: string | null
  readonly keystoreType: string | null
  readonly keystoreProvider: string | null
  readonly keystorePasswordURL: string | null
  readonly grants: readonly unknown[]
}

const CORPUS = process.env['BULKHEAD_POLICY_CORPUS']

function readExpected(folder: string, file: string): readonly Expected[] {
  const lines = readFileSync(join(folder, file), 'utf8').trimEnd().split('\n')
  return lines.map((line) => JSON.parse(line) as Expected)
}

function inTheirForm({ keystore, grants }: JavaPolicy): Omit<Expected, 'file' | 'error'> {
  return {
    keystore: keystore?.url ?? null,
    keystoreType: keystore?.type ?? null,
    keystoreProvider: keystore?.provider ?? null,
    keystorePasswordURL: keystore?.passwordURL ?? null,
    grants: grants.map(({ codeBase, signedBy, principals, permissions }) => ({
      codeBase,
      signedBy,
      principals,
      permissions: permissions.map((permission) => [
        permission.class,
        permission.target,
        permission.actions,
        permission.signedBy,
      ]),
    })),
  }
}

for (const [folder, jsonl] of [
  ['files', 'jdk17-parse.jsonl'],
  ['micro', 'micro-jdk17-parse.jsonl'],
] as const) {
  const skip = CORPUS === undefined ? 'BULKHEAD_POLICY_CORPUS names no folder of policy files' : false
  t.test(`${folder} of the corpus are read as by JDK 17`, { skip }, (t) => {
    let refused = 0
    const all = readExpected(CORPUS ?? '', jsonl)
    for (const { file, error, ...expected } of all) {
      const text = readFileSync(join(CORPUS ?? '', folder, file), 'utf8')
      if (error === null) {
        t.strictSame(inTheirForm(parseJavaPolicy(text, { dialect: 'jdk' })), expected, file)
      } else {
        refused += 1
        t.throws(() => parseJavaPolicy(text, { dialect: 'jdk' }), { code: 'JAVA_POLICY_INVALID' }, file)
      }
    }
    t.ok(refused > 0 && refused < all.length, `${all.length} files, ${refused} refused`)
    t.end()
  })
}

t.test('every refusal is the coded error with a place', { skip: CORPUS === undefined }, (t) => {
  for (const { file, error } of readExpected(CORPUS ?? '', 'jdk17-parse.jsonl')) {
    if (error === null) continue
    const text = readFileSync(join(CORPUS ?? '', 'files', file), 'utf8')
    const line = /line (\d+)/.exec(error)?.[1]
    try {
      parseJavaPolicy(text, { dialect: 'jdk' })
    } catch (refusal) {
      t.ok(refusal instanceof PluginError)
      if (line !== undefined && refusal instanceof PluginError)
        t.equal(refusal.detail['line'], Number(line), file)
    }
  }
  t.end()
})
