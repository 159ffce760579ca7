// The JSON schemas and the TypeScript types say the same: every key stands in both,
// is described and has examples that its own schema accepts.
import t from 'tap'
import { Ajv2020 } from 'ajv/dist/2020.js'
import {
  DEFAULT_LIMITS,
  type Addition,
  type Approval,
  type GrantRules,
  type Limits,
  type PackageRules,
  type PolicyRequest,
} from '../../lib/policy/document.js'
import { readShipped, type JsonObject } from './support.js'

const policy = readShipped('policy.schema.json')
const approval = readShipped('approval.schema.json')

// A key that the type has and the table lacks, or the other way round, does not compile.
type Keys<T> = { readonly [K in keyof Required<T>]: true }
const limits: Keys<Limits> = {
  heapMb: true,
  youngMb: true,
  stackMb: true,
  externalMb: true,
  blockedMs: true,
  callTimeoutMs: true,
  startTimeoutMs: true,
  inFlight: true,
  queue: true,
  messageBytes: true,
  logBytesPerSecond: true,
  timers: true,
  files: true,
  sockets: true,
  dataMb: true,
  cpuShare: true,
  callsPerSecond: true,
  noticesPerSecond: true,
  bytesPerSecond: true,
  messageDepth: true,
  hostMb: true,
}
const grantRules: Keys<GrantRules> = {
  fs: true,
  net: true,
  env: true,
  settings: true,
  clusterState: true,
  extensionPoints: true,
  plugins: true,
}
const tables: readonly {
  readonly name: string
  readonly schema: JsonObject
  readonly path: string
  readonly keys: object
}[] = [
  {
    name: 'PolicyRequest',
    schema: policy,
    path: '',
    keys: {
      $schema: true,
      $comment: true,
      policyVersion: true,
      extends: true,
      grant: true,
      packages: true,
      limits: true,
    } satisfies Keys<PolicyRequest>,
  },
  {
    name: 'PackageRules',
    schema: policy,
    path: '/$defs/packageRules',
    keys: { fs: true, net: true, env: true } satisfies Keys<PackageRules>,
  },
  { name: 'GrantRules', schema: policy, path: '/$defs/grantRules', keys: grantRules },
  {
    name: 'fs',
    schema: policy,
    path: '/$defs/grantRules/properties/fs',
    keys: { read: true, write: true } satisfies Keys<NonNullable<GrantRules['fs']>>,
  },
  {
    name: 'net',
    schema: policy,
    path: '/$defs/grantRules/properties/net',
    keys: { connect: true, listen: true } satisfies Keys<NonNullable<GrantRules['net']>>,
  },
  {
    name: 'clusterState',
    schema: policy,
    path: '/$defs/grantRules/properties/clusterState',
    keys: { read: true } satisfies Keys<NonNullable<GrantRules['clusterState']>>,
  },
  {
    name: 'plugins',
    schema: policy,
    path: '/$defs/grantRules/properties/plugins',
    keys: { call: true } satisfies Keys<NonNullable<GrantRules['plugins']>>,
  },
  { name: 'Limits', schema: policy, path: '/$defs/limits', keys: limits },
  {
    name: 'Approval',
    schema: approval,
    path: '',
    keys: {
      $schema: true,
      $comment: true,
      plugin: true,
      asked: true,
      approves: true,
      trusted: true,
      narrow: true,
      add: true,
      limits: true,
    } satisfies Keys<Approval>,
  },
  {
    name: 'approves',
    schema: approval,
    path: '/properties/approves',
    keys: { request: true, bundle: true, acceptUpdates: true } satisfies Keys<Approval['approves']>,
  },
  {
    name: 'Addition',
    schema: approval,
    path: '/properties/add/items',
    keys: { grant: true, reason: true, expires: true } satisfies Keys<Addition>,
  },
]

const ajv = new Ajv2020({ strict: true })
ajv.addSchema([policy, approval])

for (const { name, schema, path, keys } of tables) {
  t.test(`the schema of ${name} has the keys of its type, described, with good examples`, (t) => {
    const node = at(schema, path)
    const properties = object(node['properties'])
    t.same(Object.keys(properties).toSorted(), Object.keys(keys).toSorted())
    t.equal(node['additionalProperties'], false, 'unknown keys are refused')
    for (const key of Object.keys(properties)) {
      const property = object(properties[key])
      t.match(property['description'], /\S{3}/, `${key} is described`)
      const examples = property['examples']
      if (!Array.isArray(examples) || examples.length === 0) {
        t.fail(`${key} has no example`)
        continue
      }
      const escaped = key.replaceAll('$', '%24')
      const pointer = `${String(schema['$id'])}#${path.replaceAll('$', '%24')}/properties/${escaped}`
      for (const example of examples as readonly unknown[]) {
        t.ok(
          ajv.validate({ $ref: pointer }, example),
          `${key}: ${JSON.stringify(example)} ${ajv.errorsText()}`,
        )
      }
    }
    t.end()
  })
}

t.test('the default of each limit is the one in the schema, and in range', (t) => {
  const properties = object(at(policy, '/$defs/limits')['properties'])
  for (const [key, value] of Object.entries(DEFAULT_LIMITS)) {
    const { default: said, minimum, maximum } = object(properties[key])
    t.equal(said, value, key)
    t.ok(Number(minimum) <= value && value <= Number(maximum), `${key} in range`)
  }
  t.end()
})

function at(schema: JsonObject, path: string): JsonObject {
  return path
    .split('/')
    .slice(1)
    .reduce<JsonObject>((node, key) => object(node[key]), schema)
}

function object(value: unknown): JsonObject {
  return typeof value === 'object' && value !== null ? (value as JsonObject) : {}
}
