/** 'bulkhead/testing': unit tests of plugins with a mock cluster, in the plugin's real thread. */
export { MockCluster } from './mock-cluster.js'
export { runPlugin, type RunningPlugin, type RunPluginOptions, type TestPolicy } from './run-plugin.js'
