// What the linter says about two patterns is never false: where one is said to cover
// the other, or both to be apart, the matcher agrees on every target.
import t from 'tap'
import fc from 'fast-check'
import {
  compilePattern,
  readEndpoint,
  readKey,
  readPath,
  readPoint,
  type PatternKind,
  type PatternTargets,
} from '../../../lib/policy/match.js'
import { apart, covers } from '../../../lib/policy/lint/patterns.js'

const word = fc.constantFrom('a', 'ab', 'b', 'aab')
const globPart = fc.constantFrom('a', 'ab', '*', 'a*', '*b', 'a*b', '**', '*a*')
const addresses = ['10.0.0.1', '10.9.0.1', '127.0.0.1', '8.8.8.8', '9.9.9.9', 'fd00::1', '2600::1', '::1']
const networks = ['0.0.0.0/0', '8.0.0.0/6', '10.0.0.0/8', '10.9.0.0/16', '10.9.0.1', '127.0.0.0/8', '8.8.8.8']
const networks6 = ['[::/0]', '[fd00::/8]', '[::1]', '[2600::/12]']

function joined(part: fc.Arbitrary<string>, separator: string, min = 1): fc.Arbitrary<string> {
  return fc.array(part, { minLength: min, maxLength: 4 }).map((parts) => parts.join(separator))
}

const port = fc.constantFrom(80, 443, 9200)
const ports = fc.constantFrom(':443', ':80', ':80-443', ':1-65535', ':9000-9300')
const hostPattern = fc.oneof(
  joined(fc.oneof(globPart, fc.constant('localhost')), '.'),
  fc.constantFrom(...networks, ...networks6),
)
const host = fc.oneof(joined(fc.oneof(word, fc.constant('localhost')), '.'), fc.constantFrom(...addresses))

const kinds: {
  readonly [K in PatternKind]: {
    readonly pattern: fc.Arbitrary<string>
    readonly target: fc.Arbitrary<PatternTargets[K] | undefined>
  }
} = {
  path: {
    pattern: joined(fc.oneof(globPart, fc.constantFrom('proc', 'dev')), '/', 0).map((path) => `/${path}`),
    target: joined(fc.oneof(word, fc.constantFrom('proc', 'dev')), '/', 0).map((path) =>
      readPath(`/${path}`),
    ),
  },
  endpoint: {
    pattern: fc.tuple(hostPattern, ports).map(([name, range]) => name + range),
    target: fc.tuple(host, port).map(([name, number]) => readEndpoint(name, number)),
  },
  name: { pattern: word, target: word },
  dotted: { pattern: joined(globPart, '.'), target: joined(word, '.').map(readKey) },
  point: {
    pattern: fc
      .tuple(fc.constantFrom('rest', 'ingest', 'rest:/', 'rest:', 'ingest:'), joined(globPart, '/'))
      .map(([kind, path]) => (kind.includes(':') ? kind + path : kind)),
    target: fc
      .tuple(fc.constantFrom('rest:/', 'rest:', 'ingest:'), joined(word, '/'))
      .map(([kind, path]) => readPoint(kind + path)),
  },
}

for (const kind of ['path', 'endpoint', 'name', 'dotted', 'point'] as const) {
  t.test(`${kind}: cover and apart are never claimed falsely, and often claimed`, (t) => {
    const counts = agree(kind)
    t.ok(counts.covered > 50, `${counts.covered} matches of a narrow pattern were matched by the wide one`)
    t.ok(counts.apart > 50, `${counts.apart} matches of a pattern were refused by one that is apart`)
    t.end()
  })
}

function agree<K extends PatternKind>(kind: K): { readonly covered: number; readonly apart: number } {
  const { pattern, target } = kinds[kind]
  const counts = { covered: 0, apart: 0 }
  const targets = fc.array(target, { minLength: 5, maxLength: 10 })
  fc.assert(
    fc.property(pattern, pattern, targets, (one, other, found) => {
      const claims = { covers: covers(kind, one, other), apart: apart(kind, one, other) }
      const [wide, narrow] = [compilePattern(kind, one), compilePattern(kind, other)]
      return found.every((target) => {
        if (target === undefined || !narrow.matches(target)) return true
        const both = wide.matches(target)
        if (claims.covers) counts.covered += 1
        if (claims.apart) counts.apart += 1
        return (!claims.covers || both) && (!claims.apart || !both)
      })
    }),
    { numRuns: 20_000, seed: 11 },
  )
  return counts
}

t.test('placeholders lead somewhere unknown, so nothing is claimed across them', (t) => {
  t.equal(covers('path', '/**', '${plugin.home}/a'), false)
  t.equal(covers('path', '${plugin.home}/**', '${plugin.data}/a'), false)
  t.equal(covers('path', '${plugin.home}/**', '${plugin.home}/a'), true)
  t.equal(apart('path', '/opt/**', '${plugin.home}/a'), false)
  t.equal(apart('path', '${plugin.home}/a', '${plugin.home}/b'), true)
  t.end()
})
