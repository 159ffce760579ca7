/**
 * The JSON schema of plugin.json as a value, so that the loader reads no file to
 * know it. policies/plugin.schema.json is the same for editors; a test holds them equal.
 * Formats `semver`, `semver-range`, `plugin-path` and `extension-point` are made in formats.ts.
 */
export const PLUGIN_SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'plugin.json',
  description:
    'What a Bulkhead plugin is: its name, its version, its entry module and what it adds to the node.',
  type: 'object',
  additionalProperties: false,
  required: ['name', 'version', 'description', 'main', 'searchNode'],
  properties: {
    $schema: {
      description: 'Where editors find this schema.',
      type: 'string',
      examples: ['../node_modules/bulkhead/policies/plugin.schema.json'],
    },
    name: {
      description:
        'Name of the plugin on the node: 2 to 64 lower-case letters and digits in words joined by "-", a letter first.',
      type: 'string',
      minLength: 2,
      maxLength: 64,
      pattern: '^[a-z][a-z0-9]*(-[a-z0-9]+)*$',
      examples: ['repository-s3'],
    },
    version: {
      description: 'Version of the plugin itself, by Semantic Versioning.',
      type: 'string',
      maxLength: 256,
      format: 'semver',
      examples: ['1.4.0'],
    },
    description: {
      description: 'What the plugin does, in one or two sentences.',
      type: 'string',
      minLength: 1,
      maxLength: 1000,
      examples: ['Keeps snapshots in an S3 bucket.'],
    },
    main: {
      description:
        'Entry module: a path inside the plugin directory that ends in .js, .mjs, .cjs, .ts, .mts or .cts.',
      type: 'string',
      minLength: 1,
      maxLength: 1024,
      format: 'plugin-path',
      examples: ['src/main.ts'],
    },
    searchNode: {
      description: 'Versions of the search node the plugin was made for, as a range of Semantic Versioning.',
      type: 'string',
      minLength: 1,
      maxLength: 256,
      format: 'semver-range',
      examples: ['^3.2.0'],
    },
    extendedPlugins: {
      description: 'Plugins this one builds on; they are started before it.',
      type: 'array',
      maxItems: 100,
      examples: [['job-scheduler', { name: 'geo', optional: true }]],
      items: {
        description: 'Name of a plugin, or an object that may call it optional.',
        type: ['string', 'object'],
        minLength: 2,
        maxLength: 64,
        pattern: '^[a-z][a-z0-9]*(-[a-z0-9]+)*$',
        additionalProperties: false,
        required: ['name'],
        properties: {
          name: {
            description: 'Name of the plugin to build on.',
            type: 'string',
            minLength: 2,
            maxLength: 64,
            pattern: '^[a-z][a-z0-9]*(-[a-z0-9]+)*$',
            examples: ['job-scheduler'],
          },
          optional: {
            description: 'Whether this plugin also starts without it.',
            type: 'boolean',
            default: false,
            examples: [true],
          },
        },
        examples: ['job-scheduler', { name: 'geo', optional: true }],
      },
    },
    provides: {
      description: 'Extension points the plugin serves, written as in the extensionPoints of policy.json.',
      type: 'array',
      maxItems: 1000,
      examples: [['rest:/_plugins/_demo/**', 'ingest:user-agent', 'clusterStateListener']],
      items: {
        description: 'One extension point: rest:/path, ingest:type or clusterStateListener.',
        type: 'string',
        maxLength: 1024,
        format: 'extension-point',
        examples: ['rest:/_plugins/_demo/**', 'ingest:user-agent', 'clusterStateListener'],
      },
    },
  },
} as const
