/** Rules in thousands and requests about them, by capability; shapes as policies have them. */
import type { AccessRequest, Capability } from 'bulkhead/policy'

/** Rule `n` and a request that only rule `n` grants; `salt` makes the request's text one that was never seen. */
export interface RuleShape {
  readonly name: string
  readonly capability: Capability
  readonly rule: (n: number) => string
  readonly ask: (n: number, salt: string) => AccessRequest
}

const hex = (n: number): string => n.toString(16)

export const RULE_SHAPES: readonly RuleShape[] = [
  {
    name: 'paths',
    capability: 'fs.read',
    rule: (n) =>
      [
        `/srv/node/data/tenant-${n}/**`,
        `/var/lib/search/app-${n}/*.json`,
        `/opt/**/module-${n}-*.so`,
        `/srv/*/certs/node-${n}/*`,
      ][n % 4] ?? '',
    ask: (n, salt) => ({
      kind: 'fs.read',
      path:
        [
          `/srv/node/data/tenant-${n}/logs/${salt}.log`,
          `/var/lib/search/app-${n}/${salt}.json`,
          `/opt/search/plugins/lib/module-${n}-${salt}.so`,
          `/srv/node/certs/node-${n}/${salt}.pem`,
        ][n % 4] ?? '',
    }),
  },
  {
    name: 'host names',
    capability: 'net.connect',
    rule: (n) =>
      [
        `*.node-${n}.example.org:9200`,
        `**.region-${n}.example.net:9000-9099`,
        `s3-${n}.*.example.com:443`,
        `bucket-${n}-*.s3.example.com:443`,
      ][n % 4] ?? '',
    ask: (n, salt) => {
      const [host = '', port = 0] =
        (
          [
            [`a${salt}.node-${n}.example.org`, 9200],
            [`x.b${salt}.region-${n}.example.net`, 9050],
            [`s3-${n}.eu${salt}.example.com`, 443],
            [`bucket-${n}-${salt}.s3.example.com`, 443],
          ] as const
        )[n % 4] ?? []
      return { kind: 'net.connect', host, port }
    },
  },
  {
    name: 'addresses and networks',
    capability: 'net.connect',
    rule: (n) =>
      [
        `10.${n >> 8}.${n & 255}.0/24:9300`,
        `[2001:4860:${hex(n)}::/48]:443`,
        `172.16.0.0/12:${10_000 + n}`,
        `52.${n >> 8}.${n & 255}.64/26:8000-8010`,
      ][n % 4] ?? '',
    ask: (n, salt) => {
      const last = Number.parseInt(salt, 36)
      const [host = '', port = 0] =
        (
          [
            [`10.${n >> 8}.${n & 255}.${last % 256}`, 9300],
            [`2001:4860:${hex(n)}::${hex(last % 65_536)}:1`, 443],
            [`172.${16 + (last % 16)}.${(last >> 4) % 256}.${(last >> 12) % 256}`, 10_000 + n],
            [`52.${n >> 8}.${n & 255}.${64 + (last % 64)}`, 8005],
          ] as const
        )[n % 4] ?? []
      return { kind: 'net.connect', host, port }
    },
  },
  {
    name: 'ports of one host',
    capability: 'net.connect',
    rule: (n) =>
      n % 2 === 0 ? `one.example.org:${3 * n + 1}` : `*.one.example.org:${3 * n + 1}-${3 * n + 3}`,
    ask: (n, salt) => ({
      kind: 'net.connect',
      host: n % 2 === 0 ? 'one.example.org' : `h${salt}.one.example.org`,
      port: 3 * n + 1,
    }),
  },
  {
    name: 'setting keys',
    capability: 'settings',
    rule: (n) => [`s3.client.c${n}`, `index.analysis.a-${n}-*.type`, `plugins.p${n}.**.limit`][n % 3] ?? '',
    ask: (n, salt) => ({
      kind: 'settings',
      key:
        [
          `s3.client.c${n}.${salt}`,
          `index.analysis.a-${n}-${salt}.type`,
          `plugins.p${n}.queue.${salt}.limit`,
        ][n % 3] ?? '',
    }),
  },
  {
    name: 'cluster state',
    capability: 'clusterState.read',
    rule: (n) => `metadata.indices.logs-${n}-*.settings`,
    ask: (n, salt) => ({
      kind: 'clusterState.read',
      path: ['metadata', 'indices', `logs-${n}-${salt}`, 'settings', 'index'],
    }),
  },
  {
    name: 'extension points',
    capability: 'extensionPoints',
    rule: (n) => [`rest:/_plugins/_p${n}/**`, `ingest:processor-${n}-*`, `rest:/*/_m${n}`][n % 3] ?? '',
    ask: (n, salt) => ({
      kind: 'extensionPoint',
      point:
        [`rest:/_plugins/_p${n}/jobs/${salt}/{id}`, `ingest:processor-${n}-${salt}`, `rest:/i${salt}/_m${n}`][
          n % 3
        ] ?? '',
    }),
  },
  {
    name: 'names',
    capability: 'env',
    rule: (n) => `APPLICATION_SETTING_${n}`,
    ask: (n) => ({ kind: 'env', name: `APPLICATION_SETTING_${n}` }),
  },
]
