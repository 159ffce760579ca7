/**
 * Java policies and requests at their edges, for properties: few names, so that targets
 * overlap and requests stand just inside or just outside of them.
 */
import fc from 'fast-check'
import type { AccessRequest } from '../../../lib/policy/decide.js'
import type { JavaGrant, JavaPermissionText, JavaPolicy } from '../../../lib/policy/java/policy.js'
import { FILE, grantWith, policyWith, RUNTIME, SOCKET, type Line } from './translate-support.js'

/** What Java has words for. */
export type Asked = Exclude<AccessRequest, { readonly kind: Uncontrolled }>
type Uncontrolled = 'settings' | 'clusterState.read' | 'extensionPoint' | 'plugins.call'

const name = fc.constantFrom('a', 'b', 'proc', 'dev', '.c')
const segments = fc.array(name, { maxLength: 3 })
const path = segments.map((parts) => `/${parts.join('/')}`)
const ending = fc.constantFrom('', '', '/', '/*', '/-', '/..', '//*', '/*/', '*')
const fileTarget = fc.oneof(
  { weight: 12, arbitrary: fc.tuple(path, ending).map(([start, end]) => start + end) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('<<ALL FILES>>', '*', '-', 'a/b', '${/}a${/}-', '${user.home}/a', '/a/*/b'),
  },
)
const some = (words: readonly string[]): fc.Arbitrary<string> =>
  fc.subarray([...words], { minLength: 1 }).map((list) => list.join(','))
const fileActions = some(['read', 'write', 'delete', 'execute', 'readlink'])
const fileLine = fc.tuple(fc.constant(FILE), fileTarget, fileActions)

const HOSTS = [
  'a.test',
  'b.a.test',
  'c.b.a.test',
  'xa.test',
  'test',
  'localhost',
  'x.localhost',
  '127.0.0.1',
  '127.0.0.2',
  '10.0.0.1',
  '8.8.8.8',
  '0.0.0.0',
  '[::1]',
  '[::]',
  '[fe80::1]',
  '[2001:db8::1]',
  '[2606:4700::1]',
] as const
const socketHost = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...HOSTS) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      '*',
      '*.a.test',
      '*.test',
      '*.localhost',
      '*.0.0.1',
      'A.Test',
      '127.1',
      '',
      '[::ffff:10.0.0.1]',
    ),
  },
)
const port = fc.constantFrom(0, 1, 79, 80, 81, 443, 40000, 65534, 65535)
const ports = fc.oneof(
  fc.constantFrom('', ':*', ':0', ':-80', ':80-', ':1024-', ':70000', ':0-'),
  port.map((one) => `:${one}`),
  fc.tuple(port, port).map(([from, to]) => `:${Math.min(from, to)}-${Math.max(from, to)}`),
)
const socketLine = fc.tuple(
  fc.constant(SOCKET),
  fc.tuple(socketHost, ports).map((parts) => parts.join('')),
  some(['connect', 'listen', 'accept', 'resolve']),
)
const listenLine = fc.tuple(
  fc.constant(SOCKET),
  fc.constantFrom('localhost', 'localhost:80', 'localhost:0', 'localhost:80-443', '127.0.0.1', '[::1]', '*'),
  fc.constantFrom('listen', 'accept', 'accept,listen'),
)
const envLine = fc.tuple(
  fc.constant(RUNTIME),
  fc.constantFrom(
    'getenv.HOME',
    'getenv.PATH',
    'getenv.*',
    'getenv.HO*',
    '*',
    'getenv.',
    'getenv.home',
    'exitVM',
  ),
)
const line: fc.Arbitrary<Line> = fc.oneof(
  { weight: 5, arbitrary: fileLine },
  { weight: 5, arbitrary: socketLine },
  { weight: 3, arbitrary: listenLine },
  { weight: 2, arbitrary: envLine },
)
/** The npm packages that stand in for Java code, by its alias; `unknown` has none. */
export const packages: Readonly<Record<string, string>> = { x: 'left-pad', y: '@scope/y', z: 'left-pad' }
const codeBase = fc.constantFrom(
  null,
  null,
  null,
  ...['x', 'y', 'z', 'unknown'].map((one) => `\${codebase.${one}}`),
)
const condition = fc.constantFrom<Partial<JavaGrant>>(
  {},
  {},
  {},
  {},
  { signedBy: 'duke' },
  { principals: [['p.P', 'sam']] },
)
const grant = fc
  .tuple(fc.array(line, { minLength: 1, maxLength: 6 }), codeBase, condition)
  .map(([lines, base, more]) => grantWith(lines, { codeBase: base, ...more }))
export const javaPolicy: fc.Arbitrary<JavaPolicy> = fc
  .array(grant, { minLength: 1, maxLength: 3 })
  .map((grants) => policyWith(...grants))

// Ours: what a plugin may ask, in the form that decide reads.
const askedPath = fc.array(name, { maxLength: 5 }).map((parts) => `/${parts.join('/')}`)
const request: fc.Arbitrary<Asked> = fc.oneof(
  fc.record({ kind: fc.constantFrom('fs.read', 'fs.write'), path: askedPath }),
  fc.record({
    kind: fc.constantFrom('net.connect', 'net.listen'),
    host: fc.constantFrom(...HOSTS),
    port,
  }),
  fc.record({ kind: fc.constant('net.resolve'), host: fc.constantFrom(...HOSTS) }),
  fc.record({ kind: fc.constant('env'), name: fc.constantFrom('HOME', 'PATH', 'HO', 'home') }),
)

/** A policy, what is asked under it, and the package whose code asks. */
export interface Example {
  readonly policy: JavaPolicy
  readonly requests: readonly Asked[]
  readonly packageName: string | null
}
export const example: fc.Arbitrary<Example> = fc
  .record({
    policy: javaPolicy,
    anywhere: fc.array(request, { minLength: 15, maxLength: 15 }),
    picks: fc.array(fc.nat(), { minLength: 25, maxLength: 25 }),
    packageName: fc.constantFrom(null, 'left-pad', '@scope/y'),
  })
  .map(({ policy, anywhere, picks, packageName }) => {
    const lines = policy.grants.flatMap(({ permissions }) => permissions)
    const edges = lines.map(requestsAtTheEdge)
    const near = picks.flatMap((pick) => {
      const choice = edges[pick % edges.length] ?? []
      return choice.length === 0 ? [] : [choice[Math.trunc(pick / edges.length) % choice.length]]
    })
    return { policy, requests: [...anywhere, ...near].filter((one) => one !== undefined), packageName }
  })

/** Requests just inside and just outside of what one line grants. */
function requestsAtTheEdge({ class: className, target }: JavaPermissionText): readonly Asked[] {
  if (target === null) return []
  if (className === RUNTIME) return [{ kind: 'env', name: target.replace('getenv.', '') }]
  if (className === FILE) {
    const place = target.replace(/\/[*-]?$/, '')
    const up = place.slice(0, Math.max(place.lastIndexOf('/'), 0))
    return [place, `${place}/a`, `${place}/a/b`, `${place}x`, up, `${up}/z`].flatMap((one) =>
      (['fs.read', 'fs.write'] as const).map((kind) => ({ kind, path: one === '' ? '/' : one })),
    )
  }
  const [, host = '', from = '80', to = from] = /^(\[.*\]|[^:]*):?(\d*)-?(\d*)$/.exec(target) ?? []
  const hosts = [host, host.replace('*.', ''), host.replace('*.', 'x.y.'), host.replace('*', '8.8.8.8')]
  const edge = [Number(from) - 1, Number(from), Number(to), Number(to) + 1].filter(
    (one) => one >= 0 && one < 65_536,
  )
  return hosts.flatMap((one) =>
    edge.flatMap((at) =>
      (['net.connect', 'net.listen'] as const).map((kind) => ({ kind, host: one, port: at })),
    ),
  )
}
