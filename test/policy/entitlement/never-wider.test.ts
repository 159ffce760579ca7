// Whatever decide allows under a translated entitlement policy, approved as it stands,
// Elasticsearch allowed: the oracle below is its check, written out plainly.
import { posix } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { decide, type AccessRequest } from '../../../lib/policy/decide.js'
import type { GrantRules, PolicyRequest } from '../../../lib/policy/document.js'
import { translateEntitlements } from '../../../lib/policy/entitlement/translate.js'
import { grantOf } from '../support.js'

interface FileEntry {
  readonly path: string
  readonly mode: 'read' | 'read_write'
  readonly platform: 'linux' | undefined
}

interface Module {
  readonly module: string
  readonly plain: readonly string[]
  readonly files: readonly FileEntry[]
}

type Asked = Extract<AccessRequest, { kind: 'fs.read' | 'fs.write' | 'net.connect' | 'net.listen' | 'env' }>

const PACKAGES: Readonly<Record<string, string>> = { 'com.example.a': 'a', 'com.example.b': 'b' }

/** Of code in a module: a path is itself and all below it, the network is all or nothing. What one platform gets does not count. */
function allowedThere(policy: readonly Module[], asked: Asked, owner: string | null): boolean {
  const held = policy.filter(
    ({ module }) => module === 'ALL-UNNAMED' || (owner !== null && PACKAGES[module] === owner),
  )
  const files = held.flatMap((one) => one.files).filter(({ platform }) => platform === undefined)
  switch (asked.kind) {
    case 'fs.read':
      return files.some(({ path }) => reaches(path, asked.path))
    case 'fs.write':
      return files.some(({ path, mode }) => mode === 'read_write' && reaches(path, asked.path))
    case 'net.connect':
      return held.some(({ plain }) => plain.includes('outbound_network'))
    case 'net.listen':
      return held.some(({ plain }) => plain.includes('inbound_network'))
    case 'env':
      return false
  }
}

function reaches(granted: string, path: string): boolean {
  const above = posix.resolve('/', granted)
  return path === above || path.startsWith(above === '/' ? '/' : `${above}/`)
}

const name = fc.constantFrom('a', 'a', 'a', 'b', 'a.x', 'ab')
const pathTo = (maxLength: number): fc.Arbitrary<string> =>
  fc.array(name, { minLength: 1, maxLength }).map((names) => `/${names.join('/')}`)
const written = fc
  .tuple(pathTo(2), fc.constantFrom('', '', '', '', '/', '/.', '/..', '//b', '/*'))
  .map(([start, end]) => start + end)
const path = pathTo(3)
const file: fc.Arbitrary<FileEntry> = fc.record({
  path: written,
  mode: fc.constantFrom('read', 'read_write'),
  platform: fc.constantFrom(undefined, undefined, undefined, 'linux'),
})
const module = (text: string): fc.Arbitrary<Module> =>
  fc.record({
    module: fc.constant(text),
    plain: fc.subarray(['outbound_network', 'inbound_network', 'manage_threads', 'unheard_of']),
    files: fc.array(file, { minLength: 1, maxLength: 3 }),
  })
const policyOf = fc
  .tuple(...['ALL-UNNAMED', 'com.example.a', 'com.example.b', 'com.example.c'].map(module))
  .chain((all) => fc.subarray(all, { minLength: 1 }))

const host = fc.constantFrom('example.org', 'localhost', '127.0.0.1', '8.8.8.8', '10.0.0.1', '::1')
const port = fc.constantFrom(1, 443, 65_535)
const asked: fc.Arbitrary<Asked> = fc.oneof(
  fc.record({ kind: fc.constantFrom('fs.read' as const, 'fs.write' as const), path }),
  fc.record({ kind: fc.constantFrom('net.connect' as const, 'net.listen' as const), host, port }),
  fc.record({ kind: fc.constant('env' as const), name: fc.constant('HOME') }),
)

function yamlOf(policy: readonly Module[]): string {
  return JSON.stringify(
    Object.fromEntries(policy.map(({ module, plain, files }) => [module, [...plain, { files }]])),
  )
}

/** The grant of one package: what the plugin has and what the package has besides. */
function rulesFor({ grant, packages = {} }: PolicyRequest, owner: string | null): GrantRules {
  const own: GrantRules = owner === null ? {} : (packages[owner] ?? {})
  const both = (x: readonly string[] = [], y: readonly string[] = []): readonly string[] => [
    ...new Set([...x, ...y]),
  ]
  return {
    fs: { read: both(grant.fs?.read, own.fs?.read), write: both(grant.fs?.write, own.fs?.write) },
    net: {
      connect: both(grant.net?.connect, own.net?.connect),
      listen: both(grant.net?.listen, own.net?.listen),
    },
    env: both(grant.env, own.env),
  }
}

type Counts = Record<string, { both: number; neither: number; wider: number; narrower: number }>

/** How both answer many requests under many policies. @param change - what is done to the translated policy */
function compare(change: (text: string) => string, numRuns: number): Counts {
  const counts: Counts = {}
  fc.assert(
    fc.property(
      policyOf,
      fc.array(asked, { minLength: 10, maxLength: 10 }),
      fc.constantFrom(null, 'a', 'b'),
      (policy, requests, owner) => {
        const { policy: translated } = translateEntitlements(yamlOf(policy), { packages: PACKAGES })
        const changed = JSON.parse(change(JSON.stringify(translated))) as PolicyRequest
        const grant = grantOf(rulesFor(changed, owner), {}, { denied: { read: [], write: [] } })
        for (const one of requests) {
          const there = allowedThere(policy, one, owner)
          const here = decide(grant, one).allowed
          const count = (counts[one.kind] ??= { both: 0, neither: 0, wider: 0, narrower: 0 })
          count[here ? (there ? 'both' : 'wider') : there ? 'narrower' : 'neither'] += 1
        }
      },
    ),
    { numRuns },
  )
  return counts
}

const RUNS = Number(process.env['BULKHEAD_TEST_RUNS'] ?? 800)

t.test('never wider, and both answers are common', async (t) => {
  const counts = compare((text) => text, RUNS)
  t.comment(JSON.stringify(counts))
  t.same(Object.keys(counts).toSorted(), ['env', 'fs.read', 'fs.write', 'net.connect', 'net.listen'])
  for (const [kind, { both, neither, wider }] of Object.entries(counts)) {
    t.equal(wider, 0, kind)
    if (kind !== 'env') t.ok(both >= RUNS / 10, `${kind}: ${both} allowed by both`)
    t.ok(neither >= RUNS / 10, `${kind}: ${neither} refused by both`)
  }
})

t.test('a wider translation would be seen', async (t) => {
  const wideners: Readonly<Record<string, (text: string) => string>> = {
    'a directory more': (text) => text.replaceAll(/\/[a-z.]+\/\*\*/g, '/**'),
    'what is read is written': (text) =>
      text.replaceAll(/"read":(\[[^\]]*\])(,"write":\[[^\]]*\])?/g, '"read":$1,"write":$1'),
    'a name that begins alike': (text) => text.replaceAll(/([a-z])\/\*\*/g, '$1*/**'),
  }
  for (const [name, change] of Object.entries(wideners)) {
    const counts = compare(change, 200)
    t.ok(
      Object.values(counts).some(({ wider }) => wider > 0),
      name,
    )
  }
})
