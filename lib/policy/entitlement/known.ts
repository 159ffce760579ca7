/**
 * What becomes of each entitlement of Elasticsearch, as a table; `rule` names the
 * translator for those that become rules. docs/java-permissions.md has it for readers.
 */
export interface KnownEntitlement {
  /** What it allows in Elasticsearch, for readers. */
  readonly about: string
  readonly fate:
    | { readonly rule: 'files' | 'connect' | 'listen' }
    | {
        readonly outcome: 'no-counterpart' | 'refused'
        /** One plain sentence. */
        readonly reason: string
        /** What takes its place. */
        readonly suggestion?: string
      }
}

const NO_PROPERTIES = {
  outcome: 'no-counterpart',
  reason: 'Node has no system properties.',
  suggestion: "a value of the plugin's own",
} as const

/** By name. The last three only parts of Elasticsearch itself can have; policies of plugins may hold them by mistake. */
export const ENTITLEMENTS: ReadonlyMap<string, KnownEntitlement> = new Map<string, KnownEntitlement>([
  ['files', { about: 'Reading, or reading and changing, a path and all below it.', fate: { rule: 'files' } }],
  ['outbound_network', { about: 'Connecting to any host.', fate: { rule: 'connect' } }],
  ['inbound_network', { about: 'Listening and accepting anywhere.', fate: { rule: 'listen' } }],
  [
    'load_native_libraries',
    {
      about: 'Running native code.',
      fate: {
        outcome: 'refused',
        reason: 'Native code would reach past every wall, so a plugin loads none.',
        suggestion: 'a version of the library in plain JavaScript',
      },
    },
  ],
  [
    'manage_threads',
    {
      about: 'Starting threads and changing them.',
      fate: {
        outcome: 'refused',
        reason: 'A plugin has one thread, starts no other and reaches none.',
        suggestion: 'asynchronous code, which needs none',
      },
    },
  ],
  [
    'create_class_loader',
    {
      about: 'Making class loaders.',
      fate: {
        outcome: 'no-counterpart',
        reason: 'Node has no class loaders; a plugin is bundled before it starts.',
      },
    },
  ],
  [
    'set_https_connection_properties',
    {
      about: 'Changing how an HTTPS connection checks its peer, once it is made.',
      fate: {
        outcome: 'no-counterpart',
        reason: 'In Node each connection names its own options when it is made.',
      },
    },
  ],
  ['write_system_properties', { about: 'Setting the named system properties.', fate: NO_PROPERTIES }],
  ['write_all_system_properties', { about: 'Setting any system property.', fate: NO_PROPERTIES }],
  [
    'read_store_attributes',
    {
      about: 'Facts about file systems.',
      fate: {
        outcome: 'no-counterpart',
        reason: 'Facts about file systems need no grant of their own in the policy language.',
      },
    },
  ],
  [
    'read_jdk_image',
    {
      about: "Reading the JDK's own classes.",
      fate: { outcome: 'no-counterpart', reason: 'A file of the JDK, and there is none.' },
    },
  ],
  [
    'exit_vm',
    {
      about: 'Ending the node.',
      fate: { outcome: 'refused', reason: 'No plugin may end the process that it runs in.' },
    },
  ],
])
