/**
 * The files of a new plugin, as text. What they promise together: the test runs with
 * Node alone, `bulkhead run . --trust` serves the plugin, and every line is there to be
 * read by someone who has not written a plugin before.
 */
export interface TemplateFile {
  /** Relative to the plugin's directory, `/` between segments. */
  readonly path: string
  readonly text: string
}

/**
 * @param name - a valid plugin name
 * @param version - of Bulkhead; the plugin is developed against it
 * @param searchNode - version of the search node the plugin is for
 */
export function templateFiles(name: string, version: string, searchNode: string): readonly TemplateFile[] {
  const route = `/_plugins/_${name.replaceAll('-', '_')}`
  const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`
  return [
    {
      path: 'plugin.json',
      text: json({
        $schema: './node_modules/bulkhead/policies/plugin.schema.json',
        name,
        version: '0.1.0',
        description: 'Greets by name and keeps count of the indices it was told of',
        main: 'index.ts',
        searchNode: `^${searchNode}`,
        provides: [`rest:${route}/**`, 'clusterStateListener'],
      }),
    },
    {
      path: 'policy.json',
      text: json({
        $schema: './node_modules/bulkhead/policies/policy.schema.json',
        policyVersion: 1,
        grant: {
          clusterState: { read: ['metadata.indices'] },
          extensionPoints: [`rest:${route}/**`, 'clusterStateListener'],
        },
        limits: { heapMb: 64 },
      }),
    },
    { path: 'index.ts', text: entry(name, route) },
    { path: `test/${name}.test.js`, text: test(name, route) },
    {
      path: 'package.json',
      text: json({
        name,
        version: '0.1.0',
        private: true,
        type: 'module',
        scripts: { start: 'bulkhead run . --trust --port 9200', test: 'node --test' },
        devDependencies: { '@types/node': '^20', bulkhead: `^${version}`, typescript: '^6.0.0' },
      }),
    },
    { path: 'tsconfig.json', text: TSCONFIG },
    { path: 'README.md', text: readme(name, route) },
    { path: '.gitignore', text: 'node_modules/\n' },
  ]
}

function entry(name: string, route: string): string {
  return `/**
 * ${name}: the plugin. It runs in a thread of its own and can do what policy.json asks
 * for and the operator of the node approves, and nothing else.
 */
import { definePlugin } from 'bulkhead/plugin'

let created = 0

export default definePlugin({
  start(context) {
    context.log.info('started')
  },
  clusterStateListener(event, context) {
    const indices = event.indicesCreated()
    created += indices.length
    if (indices.length > 0) context.log.info('new indices:', indices.join(', '))
  },
  rest: [
    {
      method: 'GET',
      path: '${route}/{name}',
      handle: ({ params }) => ({ body: { hello: params['name'] ?? 'nobody', created } }),
    },
  ],
})
`
}

function test(name: string, route: string): string {
  return `// ${name} answers its route and counts the indices it is told of.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { MockCluster, runPlugin } from 'bulkhead/testing'

const cluster = new MockCluster({ nodes: 3 })
let plugin

before(async () => {
  // The plugin in its real thread, behind its own policy.json, approved as it stands.
  plugin = await runPlugin({ dir: fileURLToPath(new URL('..', import.meta.url)), cluster })
})
after(() => plugin?.stop())

test('greets by name', async () => {
  const { status, body } = await plugin.rest({ method: 'GET', path: '${route}/ada' })
  assert.equal(status, 200)
  assert.equal(body.hello, 'ada')
})

test('counts new indices', async () => {
  await cluster.createIndex('books')
  await plugin.settled()
  const { body } = await plugin.rest({ method: 'GET', path: '${route}/ada' })
  assert.equal(body.created, 1)
})

test('is refused nothing that it tries', () => {
  assert.deepEqual(plugin.denials, [])
})
`
}

const TSCONFIG = `{
  // For your editor and for \`npx tsc\`, after \`npm install\`; Bulkhead bundles index.ts by itself.
  "compilerOptions": {
    "module": "nodenext",
    "target": "es2022",
    "lib": ["es2022"],
    "types": ["node"],
    "strict": true,
    "noEmit": true,
    "skipLibCheck": true
  },
  "include": ["*.ts"]
}
`

function readme(name: string, route: string): string {
  return `# ${name}

A plugin for a search node that runs plugins with Bulkhead.

\`\`\`sh
npm install
npm test                                  # the plugin in its real thread, with a mock cluster
npm start                                 # serves it without a search node
curl http://127.0.0.1:9200${route}/ada
\`\`\`

| file | what it is for |
|---|---|
| \`plugin.json\` | what the plugin is and provides |
| \`policy.json\` | what it asks for; without a line here it can compute and nothing else |
| \`index.ts\` | the plugin |
| \`test/${name}.test.js\` | its test; plain JavaScript, so that it needs nothing but Node |
| \`tsconfig.json\` | for your editor; nothing has to be compiled by hand |

On a node the operator copies this directory into the plugins directory.
\`bulkhead list\` then shows what the plugin asks for and the approval to write.
`
}
