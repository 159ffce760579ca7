/** The version of a search node that commands without a search node stand for; OpenSearch 3's line. */
export const DEFAULT_NODE_VERSION = '3.2.0'
