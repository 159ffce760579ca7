// A pattern means what the plain reference says, nothing by accident, and no pattern,
// however hostile, costs more than its length times the input's.
import t from 'tap'
import fc from 'fast-check'
import ipaddr from 'ipaddr.js'
import { readAddress } from '../../lib/policy/address.js'
import { compileGlob, matchGlob, mayMatchBelow, type Steps } from '../../lib/policy/glob.js'
import { compilePattern, readEndpoint, readKey, readPath, readPoint } from '../../lib/policy/match.js'
import { HOSTILE, LONG_INPUTS, sizeOf, worstShares } from './hostile.js'
import { naiveMatch } from './reference.js'

const letters = fc.constantFrom('a', 'b')
const part = fc.string({ unit: letters, minLength: 1, maxLength: 5 })
const patternPart = fc
  .string({ unit: fc.constantFrom('a', 'b', '*'), minLength: 1, maxLength: 5 })
  .map((text) => text.replaceAll(/\*+/g, '*'))
const parts = fc.array(part, { maxLength: 6 })
const pattern = fc.array(fc.oneof(patternPart, patternPart, fc.constant('**')), { maxLength: 6 })

t.test('the matcher agrees with the reference on every short pattern and input', (t) => {
  let matched = 0
  fc.assert(
    fc.property(pattern, parts, (glob, input) => {
      const expected = naiveMatch(glob, input)
      if (expected) matched += 1
      return matchGlob(compileGlob(glob), input) === expected
    }),
    { numRuns: 20_000, seed: 7 },
  )
  t.ok(matched > 500, `${matched} of the runs were matches, so both answers were compared`)
  t.end()
})

t.test('something below may match exactly when some continuation does', (t) => {
  fc.assert(
    fc.property(pattern, parts, parts, (glob, input, more) => {
      const deep = [...glob, '**']
      return !naiveMatch(deep, [...input, ...more]) || mayMatchBelow(compileGlob(deep), input)
    }),
    { numRuns: 5_000, seed: 7 },
  )
  const glob = compileGlob(['a', '*', 'c', '**'])
  t.same(
    [[], ['a'], ['b'], ['a', 'x', 'd'], ['a', 'x', 'c', 'e']].map((path) => mayMatchBelow(glob, path)),
    [true, true, false, false, true],
  )
  t.end()
})

t.test('a thousand hostile patterns stay within pattern length times input length', (t) => {
  let worst = 0
  for (const glob of HOSTILE) {
    for (const input of LONG_INPUTS) {
      const steps: Steps = { count: 0 }
      matchGlob(compileGlob(glob), input, steps)
      worst = Math.max(worst, steps.count / (sizeOf(glob) * sizeOf(input)))
    }
  }
  t.ok(worst <= 1, `worst case: ${worst.toFixed(3)} of pattern × input`)
  t.ok(worst > 0.3, 'the patterns were hostile enough to come near the bound')
  const naive = { count: 0, most: 1_000_000 }
  naiveMatch([`${'a*'.repeat(12)}b`], ['a'.repeat(40)], naive)
  t.ok(
    naive.count > 1_000_000,
    'a matcher that backtracks does not pass this bound on the same kind of input',
  )
  t.end()
})

t.test('the same holds for paths, keys, extension points and hosts as they are compiled', (t) => {
  for (const [kind, share] of Object.entries(worstShares())) {
    t.ok(share <= 1, `${kind}: ${share.toFixed(3)} of pattern × input`)
    t.ok(share > 0.1, `${kind}: hostile enough`)
  }
  t.end()
})

const paths: readonly [pattern: string, path: string, matches: boolean][] = [
  ['/a/b', '/a/b', true],
  ['/a/b', '/a/b/c', false],
  ['/a/b', '/a/B', false],
  ['/a/*', '/a/b', true],
  ['/a/*', '/a', false],
  ['/a/*', '/a/b/c', false],
  ['/a/**', '/a', true],
  ['/a/**', '/a/b/c', true],
  ['/a/**', '/ab', false],
  ['/a/*.so', '/a/x.so', true],
  ['/a/*.so', '/a/x/y.so', false],
  ['/**/k', '/a/b/k', true],
  ['/**', '/', true],
  ['/a.b', '/axb', false],
  ['/**', '/proc/1/mem', false],
  ['/*/1/mem', '/proc/1/mem', false],
  ['/proc/**', '/proc/1/mem', false],
  ['/proc/cpuinfo', '/proc/cpuinfo', true],
  ['/proc/sys/**', '/proc/sys/vm', true],
  ['/dev/*', '/dev/mem', false],
  ['/dev/shm/**', '/dev/shm/x', true],
]
const endpoints: readonly [pattern: string, host: string, port: number, matches: boolean][] = [
  ['a.test:443', 'a.test', 443, true],
  ['a.test:443', 'A.Test.', 443, true],
  ['A.test:443', 'a.test', 443, true],
  ['a.test:443', 'a.test', 80, false],
  ['a.test:443', 'xa.test', 443, false],
  ['a.test:443', 'a.test.evil.test', 443, false],
  ['a.test:80-90', 'a.test', 90, true],
  ['a.test:80-90', 'a.test', 91, false],
  ['*.test:443', 'a.test', 443, true],
  ['*.test:443', 'a.b.test', 443, false],
  ['s3.*.a.test:443', 's3.eu-1.a.test', 443, true],
  ['s3-*.a.test:443', 's3-eu.a.test', 443, true],
  ['**.a.test:443', 'x.y.a.test', 443, true],
  ['**:1-65535', 'any.name.test', 1, true],
  ['**:1-65535', '8.8.8.8', 53, false],
  ['**:1-65535', 'localhost', 80, false],
  ['**:1-65535', 'x.localhost', 80, false],
  ['localhost:80', 'localhost', 80, true],
  ['10.0.0.0/8:80', '10.255.0.1', 80, true],
  ['10.0.0.0/8:80', '11.0.0.1', 80, false],
  ['10.0.0.0/8:80', '::ffff:10.0.0.1', 80, true],
  ['0.0.0.0/0:80', '8.8.8.8', 80, true],
  ['0.0.0.0/0:80', '127.0.0.1', 80, false],
  ['0.0.0.0/0:80', '0.0.0.0', 80, false],
  ['0.0.0.0/0:80', '169.254.169.254', 80, false],
  ['0.0.0.0/0:80', '10.0.0.1', 80, false],
  ['8.0.0.0/5:80', '10.0.0.1', 80, false],
  ['169.254.0.0/16:80', '169.254.169.254', 80, true],
  ['127.0.0.1:0', '127.0.0.1', 0, true],
  ['[::/0]:80', '2606:4700::1', 80, true],
  ['[::/0]:80', '::1', 80, false],
  ['[::/0]:80', '64:ff9b::7f00:1', 80, false],
  ['[::/0]:80', '8.8.8.8', 80, false],
  ['[fd00::/8]:80', '[fd12::1]', 80, true],
  ['[::1]:80', '0:0:0:0:0:0:0:1', 80, true],
]
const points: readonly [pattern: string, point: string, matches: boolean][] = [
  ['repository', 'repository', true],
  ['repository', 'repository:s3', true],
  ['repository', 'repositoryX', false],
  ['repository:s3', 'repository', false],
  ['ingest:user-*', 'ingest:user-agent', true],
  ['ingest:user-agent', 'rest:user-agent', false],
  ['rest:/_plugins/_s3/**', 'rest:/_plugins/_s3/a/b', true],
  ['rest:/_plugins/_s3/**', 'rest:/_plugins/_s3', true],
  ['rest:/_plugins/_s3/**', 'rest:/_plugins/_s3/{id}', true],
  ['rest:/_plugins/_s3/**', 'rest:/_plugins/{any}/x', false],
  ['rest:/_plugins/*my*/x', 'rest:/_plugins/{my}/x', false],
  ['rest:/_plugins/*my*/x', 'rest:/_plugins/_my_/x', true],
  ['rest:/_plugins/*/x', 'rest:/_plugins/{my}/x', true],
  ['rest:/*', 'rest:/', false],
  ['rest:/**', 'rest:/', true],
  ['rest:/', 'rest:/', true],
]
const keys: readonly [pattern: string, key: string, matches: boolean][] = [
  ['s3.client.*', 's3.client.default', true],
  ['s3.client.*', 's3.client.default.endpoint', true],
  ['s3.client.*', 's3.client', false],
  ['s3', 's3.client.x', true],
  ['s3', 's3x', false],
  ['a.**.z', 'a.b.c.z', true],
  ['a.**.z', 'a.b.c', false],
]

t.test('paths, endpoints, extension points and keys match as the tables say', (t) => {
  for (const [pattern, path, matches] of paths) {
    t.equal(
      known(t, readPath(path), (target) => compilePattern('path', pattern).matches(target)),
      matches,
      `${pattern} ${path}`,
    )
  }
  for (const [pattern, host, port, matches] of endpoints) {
    const target = readEndpoint(host, port)
    t.equal(
      known(t, target, (it) => compilePattern('endpoint', pattern).matches(it)),
      matches,
      `${pattern} ${host} ${port}`,
    )
  }
  for (const [pattern, point, matches] of points) {
    t.equal(
      known(t, readPoint(point), (target) => compilePattern('point', pattern).matches(target)),
      matches,
      `${pattern} ${point}`,
    )
  }
  for (const [pattern, key, matches] of keys) {
    t.equal(
      known(t, readKey(key), (target) => compilePattern('dotted', pattern).matches(target)),
      matches,
      `${pattern} ${key}`,
    )
  }
  t.end()
})

t.test('what is not in its normal form is no target', (t) => {
  for (const path of ['', 'a', './a', '/a/', '/a//b', '/a/./b', '/a/..', '/../a', '/a\0b']) {
    t.equal(readPath(path), undefined, JSON.stringify(path))
  }
  const odd = [
    '',
    '.',
    'a..b',
    '0x7f.1',
    '127.1',
    '2130706433',
    '0177.0.0.1',
    '1.2.3.256',
    'a b',
    'a/b',
    'u@a',
    '[a.test]',
    '[127.0.0.1]',
    'fe80::1%eth0',
    '::1.2.3.4',
    '::7f00:1',
    '::0.1.0.0',
    '0:0:0:0:0:0:127.0.0.1',
    '::ffff:010.0.0.1',
    '::ffff:0x7f.0.0.1',
    'bücher.test',
    'ﬁ.test',
    '127.0.0.1.',
    `${'a'.repeat(64)}.test`,
    'a.'.repeat(127) + 'toolong',
  ]
  for (const host of odd) t.equal(readEndpoint(host, 80), undefined, JSON.stringify(host))
  for (const port of [-1, 65_536, 1.5, Number.NaN])
    t.equal(readEndpoint('a.test', port), undefined, String(port))
  for (const point of ['', ':x', 'rest:', 'rest:/a/../b', 'rest:/a//b', 'rest:/a\0'])
    t.equal(readPoint(point), undefined, point)
  for (const key of ['', '.a', 'a..b', 'a.']) t.equal(readKey(key), undefined, key)
  t.end()
})

t.test(
  'addresses are read as the library reads them, but for spellings that others read differently',
  (t) => {
    const group = fc.oneof(
      fc.constantFrom('', '0', '1', 'ffff', 'FFFF', '00a0', '12345', 'g'),
      fc.stringMatching(/^[\da-f]{1,4}$/),
    )
    const quad = fc.constantFrom('1.2.3.4', '255.255.255.255', '256.1.1.1', '1.2.3', '01.2.3.4')
    const texts = fc.oneof(
      fc.array(group, { minLength: 2, maxLength: 10 }).map((groups) => groups.join(':')),
      fc.tuple(fc.array(group, { maxLength: 7 }), quad).map(([groups, last]) => [...groups, last].join(':')),
      fc.ipV6(),
      fc.ipV4(),
    )
    const seen = { read: 0, refused: 0 }
    fc.assert(
      fc.property(texts, (text) => {
        const address = readAddress(text)
        const valid = text.includes(':')
          ? ipaddr.IPv6.isValid(text)
          : ipaddr.IPv4.isValidFourPartDecimal(text)
        const [six = 0, ...first] =
          text.includes(':') && valid ? ipaddr.IPv6.parse(text).parts.slice(0, 7).toReversed() : []
        const compatible = first.length > 0 && six > 0 && first.every((part) => part === 0)
        const strict = valid && !compatible && !/\b0\d+\./.test(text) && !/^[0:]*:\d+\./.test(text)
        seen[strict ? 'read' : 'refused'] += 1
        return address === undefined
          ? !strict
          : strict && address.toString() === ipaddr.process(text).toString()
      }),
      { numRuns: 20_000, seed: 19 },
    )
    t.ok(Math.min(seen.read, seen.refused) > 2_000, JSON.stringify(seen))
    t.end()
  },
)

t.test('an endpoint that nobody checked and that means nothing is an error, not a match', (t) => {
  t.throws(() => compilePattern('endpoint', 'no-port'), { code: 'POLICY_INVALID' })
  t.end()
})

function known<T>(
  t: { fail(message: string): boolean },
  target: T | undefined,
  use: (target: T) => boolean,
): boolean {
  return target === undefined ? t.fail('the target could not be read') : use(target)
}
