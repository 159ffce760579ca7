/** Rules about the heads of grants: for which code they are, and whether it exists. */
import type { JavaGrant } from '../../java/policy.js'
import type { Facts } from '../facts.js'
import { placeInJava, quote, type Hit } from '../finding.js'
import { withSlashes } from '../java-line.js'

export function unreachableCodeBases({ input: { java, packages } }: Facts): readonly Hit[] {
  if (java === undefined || packages === undefined) return []
  const known = new Set(packages.flatMap((name) => [plain(name), plain(name.slice(name.indexOf('/') + 1))]))
  return java.policy.grants.flatMap((grant): readonly Hit[] => {
    const name = grant.codeBase === null ? undefined : nameOfCode(grant.codeBase)
    if (grant.codeBase === null || name === undefined || known.has(plain(name))) return []
    return [
      {
        code: 'java-unreachable-codebase',
        place: placeInJava(java.file, grant),
        message: `the code base ${quote(grant.codeBase)} is for '${name}', and no npm package of the bundle corresponds to it`,
        fix: 'move the permissions that are still needed to the package that took its place, or remove the grant',
      },
    ]
  })
}

/** The library a code base names; `undefined` for a directory or what else may hold anything. */
function nameOfCode(codeBase: string): string | undefined {
  const text = withSlashes(codeBase)
  const alias = /^\$\{codebase\.([^{}]+)\}$/.exec(text)?.[1]
  if (alias !== undefined) return withoutVersion(alias)
  if (text.startsWith('jrt:')) return text.slice('jrt:'.length).replaceAll('/', '')
  const file = text.slice(text.lastIndexOf('/') + 1)
  return file.endsWith('.jar') && file !== '*.jar' ? withoutVersion(file) : undefined
}

/** `zstd-jni-1.5.6-1.jar` is zstd-jni. */
function withoutVersion(file: string): string {
  return file.replace(/\.jar$/, '').replace(/-(?:\d|\$|\*).*$/, '')
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '')
}

export function duplicateGrants({ input: { java } }: Facts): readonly Hit[] {
  if (java === undefined) return []
  const firsts = new Map<string, JavaGrant>()
  return java.policy.grants.flatMap((grant): readonly Hit[] => {
    const key = JSON.stringify([grant.codeBase, grant.signedBy, grant.principals])
    const first = firsts.get(key)
    if (first === undefined) {
      firsts.set(key, grant)
      return []
    }
    const whom = grant.codeBase === null ? 'the same code' : quote(grant.codeBase)
    return [
      {
        code: 'java-duplicate-grant',
        place: placeInJava(java.file, grant),
        message: `line ${first.line} has a grant for ${whom} already`,
        fix: 'move the permissions there',
      },
    ]
  })
}

/** Properties every JVM sets, or that OpenSearch sets for policies. */
const SET_ALWAYS: ReadonlySet<string> = new Set([
  '/',
  'file.separator',
  'path.separator',
  'java.home',
  'java.io.tmpdir',
  'java.version',
  'java.class.path',
  'java.library.path',
  'user.dir',
  'user.home',
  'user.name',
  'os.name',
  'os.arch',
])

/** One finding a property, at its first place. Aliases of code bases and `${{self}}` are no properties. */
export function unknownProperties({ input: { java }, lines }: Facts): readonly Hit[] {
  if (java === undefined) return []
  const heads = java.policy.grants.map((grant) => ({
    text: grant.codeBase ?? '',
    place: placeInJava(java.file, grant),
    drops: 'the grant',
  }))
  const targets = lines.map(({ permission, place }) => ({
    text: permission.target ?? '',
    place,
    drops: 'the permission',
  }))
  const seen = new Set<string>()
  return [...heads, ...targets].flatMap(({ text, place, drops }) =>
    namesIn(text).flatMap((name) => {
      if (seen.has(name)) return []
      seen.add(name)
      return [
        {
          code: 'java-unknown-property',
          place,
          message: `nothing says what ${quote(`\${${name}}`)} is, and where it is not set the JDK drops ${drops}`,
          fix: 'give the value of the property when the policy is read, or write it in place',
        },
      ]
    }),
  )
}

function namesIn(text: string): readonly string[] {
  return [...text.matchAll(/\$\{([^{}]+)\}/g)]
    .map(([, name]) => name ?? '')
    .filter((name, index, all) => !isKnown(name, text) && all.indexOf(name) === index)
}

function isKnown(name: string, text: string): boolean {
  return SET_ALWAYS.has(name) || name.startsWith('codebase.') || text.includes(`\${{${name}}`)
}
