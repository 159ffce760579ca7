/** Cases about other capabilities, limits, packages, approvals and imports. */
import type { LintCode, LintInput } from '../../../lib/policy/lint/lint.js'
import { added, answers, asks, connect, listen, narrowed, NOW, read, write, type Case } from './support.js'

function importing(modules: readonly string[], input: LintInput): LintInput {
  return { ...input, modules }
}

function today(input: LintInput): LintInput {
  return { ...input, wallTime: NOW }
}

const tokens = (length: number): LintInput =>
  asks({ env: Array.from({ length }, (_, index) => `A${index}_TOKEN`) })

export const REST_CASES: { readonly [Code in LintCode]?: Case } = {
  'secret-env': {
    hits: [
      asks({ env: ['AWS_SECRET_ACCESS_KEY'] }),
      asks({ env: ['GITHUB_TOKEN'] }),
      asks({ env: ['db_password'] }),
      asks({ env: ['X_API_KEY'] }),
    ],
    misses: [
      asks({
        env: ['AWS_REGION', 'AWS_ACCESS_KEY_ID', 'TOKENIZER_THREADS', 'KEYSTORE', 'GITHUB_TOKEN_FILE'],
      }),
    ],
  },
  'all-settings': {
    hits: [asks({ settings: ['**'] }), asks({ settings: ['*'] }), added({ settings: ['*.**'] })],
    misses: [asks({ settings: ['s3.client.*', '*.client'] })],
  },
  'whole-cluster-state': {
    hits: [asks({ clusterState: { read: ['**'] } }), asks({ clusterState: { read: ['*'] } })],
    misses: [asks({ clusterState: { read: ['nodes', 'metadata.indices.*'] } })],
  },
  'any-extension-point': {
    hits: [
      asks({ extensionPoints: ['rest'] }),
      asks({ extensionPoints: ['rest:/**'] }),
      asks({ extensionPoints: ['ingest:*'] }),
    ],
    misses: [
      asks({
        extensionPoints: ['rest:/_plugins/_demo/**', 'ingest:demo', 'clusterStateListener', 'repository'],
      }),
    ],
  },
  'high-limit': {
    hits: [asks({}, { limits: { heapMb: 1024 } }), answers({ limits: { timers: 100_000 } })],
    misses: [
      asks({}, { limits: { heapMb: 512, callTimeoutMs: 30_000 } }),
      asks({}, { limits: { heapMb: 24 } }),
    ],
  },
  'unknown-package': {
    hits: [{ ...asks({}, { packages: { '@a/b': {} } }), packages: ['b'] }],
    misses: [
      { ...asks({}, { packages: { '@a/b': {} } }), packages: ['@a/b'] },
      asks({}, { packages: { '@a/b': {} } }),
    ],
  },
  'covered-package-rule': {
    hits: [asks({ fs: { read: ['/opt/**'] } }, { packages: { a: { fs: { read: ['/opt/x'] } } } })],
    misses: [
      asks({ fs: { write: ['/opt/**'] } }, { packages: { a: { fs: { read: ['/opt/x'] } } } }),
      asks({}, { packages: { a: { env: ['A'] }, b: { env: ['A'] } } }),
    ],
  },
  'narrow-not-asked': {
    hits: [narrowed(asks({ env: ['A'] }), { net: { connect: ['a.dev:443'] } })],
    misses: [
      narrowed(asks({ env: ['A'] }), { env: [] }),
      narrowed(asks({}), { env: [] }),
      narrowed(asks({}, { packages: { a: { env: ['A'] } } }), { env: ['A'] }),
      narrowed(asks({}, { extends: ['http-client'] }), { net: { connect: ['a.dev:443'] } }),
      answers({ narrow: { env: ['A'] } }),
    ],
  },
  'narrow-meets-nothing': {
    hits: [
      narrowed(connect('s3.*.amazonaws.com:443'), {
        net: { connect: ['s3.eu-west-1.amazonws.com:443'] },
      }),
      narrowed(connect('api.acme.dev:443'), { net: { connect: ['api.acme.dev:444'] } }),
      narrowed(connect('0.0.0.0/0:443'), { net: { connect: ['10.1.2.3:443'] } }),
      narrowed(connect('**:9200'), { net: { connect: ['localhost:9200'] } }),
      narrowed(read('/opt/**'), { fs: { read: ['/op/**'] } }),
      narrowed(read('/opt/*/x'), { fs: { read: ['/opt/x'] } }),
      narrowed(asks({ settings: ['s3.client'] }), { settings: ['s4'] }),
      narrowed(asks({ extensionPoints: ['rest:/a/**'] }), { extensionPoints: ['rest:/b'] }),
      narrowed(asks({ env: ['A'] }), { env: ['B'] }),
    ],
    misses: [
      narrowed(connect('s3.*.amazonaws.com:443'), {
        net: { connect: ['*.eu-west-1.amazonaws.com:1-1024'] },
      }),
      narrowed(connect('10.1.0.0/16:443'), { net: { connect: ['10.0.0.0/8:443'] } }),
      narrowed(read('${plugin.home}/**'), { fs: { read: ['/opt/plugins/demo/**'] } }),
      narrowed(read('/opt/**'), { fs: { read: ['/**/x'] } }),
      narrowed(asks({ settings: ['s3.client.a'] }), { settings: ['s3'] }),
      narrowed(asks({ extensionPoints: ['rest:/a/**'] }), { extensionPoints: ['rest'] }),
    ],
  },
  'addition-expired': {
    hits: [today(added({ env: ['A'] }, '2026-06-15')), today(added({ env: ['A'] }, 'soon'))],
    misses: [
      today(added({ env: ['A'] }, '2026-06-16')),
      today(added({ env: ['A'] })),
      added({ env: ['A'] }, '2020-01-01'),
    ],
  },
  'addition-expires-soon': {
    hits: [today(added({ env: ['A'] }, '2026-06-16')), today(added({ env: ['A'] }, '2026-06-29'))],
    misses: [today(added({ env: ['A'] }, '2026-06-30')), today(added({ env: ['A'] }, '2026-06-15'))],
  },
  'addition-covered': {
    hits: [
      { ...connect('*.acme.dev:443'), ...added({ net: { connect: ['api.acme.dev:443'] } }, '2027-01-01') },
      {
        ...asks({ env: ['A', 'B'] }),
        ...answers({ narrow: { env: ['A'] }, add: [{ grant: { env: ['A'] }, reason: 'x' }] }),
      },
    ],
    misses: [
      { ...asks({ env: ['A'] }), ...added({ env: ['B'] }) },
      {
        ...asks({ env: ['A', 'B'] }),
        ...answers({ narrow: { env: ['A'] }, add: [{ grant: { env: ['B'] }, reason: 'x' }] }),
      },
    ],
  },
  'addition-without-end': {
    hits: [
      added({ net: { connect: ['a.dev:443'] } }),
      added({ net: { listen: ['127.0.0.1:0'] } }),
      added({ fs: { write: ['/opt/x'] } }),
    ],
    misses: [
      added({ net: { connect: ['a.dev:443'] } }, '2027-01-01'),
      added({ env: ['A'], fs: { read: ['/opt/x'] } }),
    ],
  },
  'any-code-accepted': { hits: [answers({}, 'code')], misses: [answers({}, 'none')] },
  'unused-capability': {
    hits: [
      importing(['net', 'process'], read('/opt/x')),
      importing(['dns', 'fetch'], listen('127.0.0.1:0')),
      importing([], asks({ env: ['A'] })),
      importing([], asks({}, { packages: { a: { env: ['A'] } } })),
    ],
    misses: [
      importing(['node:fs/promises'], read('/opt/x')),
      importing(['fetch'], connect('a.dev:443')),
      { ...importing([], connect('a.dev:443')), globals: ['fetch'] },
      importing(['node:process'], asks({ env: ['A'] })),
      importing([], asks({ settings: ['a'], env: [] })),
      importing([], added({ env: ['A'] })),
      read('/opt/x'),
    ],
  },
  'uncovered-import': {
    hits: [importing(['fs'], asks({})), importing(['fs', 'node:https'], read('/opt/x'))],
    misses: [
      importing(['fs'], read('/opt/x')),
      importing(['fs'], write('/opt/x')),
      importing(['path', 'process'], asks({})),
      importing(['fs'], { ...asks({}), ...added({ fs: { read: ['/x'] } }) }),
      importing(['fetch'], asks({}, { extends: ['http-client'] })),
      importing(['tls'], asks({}, { packages: { a: { net: { connect: ['a.dev:443'] } } } })),
    ],
  },
  'denied-import': {
    hits: [importing(['node:child_process'], asks({})), importing(['vm'], asks({}))],
    misses: [importing(['path', 'child_processes'], asks({})), asks({})],
  },
  'findings-left-out': { hits: [tokens(1001)], misses: [tokens(1000)] },
}
