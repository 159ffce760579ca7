// Who may import whom. docs/architecture.md says why; `npm run check` runs it.
const node =
  '^(node:)?(fs|net|http|https|dns|tls|child_process|worker_threads|process|os|perf_hooks|path|url|module|vm|crypto)($|/)'
const ban = (name, from, to, except) => ({
  name,
  severity: 'error',
  from: { path: from },
  to: except === undefined ? { path: to } : { path: to, pathNot: except },
})
const only = (name, to, where) => ({
  name,
  severity: 'error',
  from: { path: '^(lib|workers)/', pathNot: where },
  to: { path: to },
})
const own = '^(lib|workers)/'
const top = 'service[.]|index|cli/|testing/|attack/'
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    ban('protocol-is-the-bottom', '^lib/protocol/', own, '^lib/(protocol/|errors)'),
    ban('policy-is-pure', '^lib/policy/', own, '^lib/(policy/|errors)'),
    ban('rpc-knows-the-wire-only', '^lib/rpc/', own, '^lib/(rpc/|protocol/|errors|powers)'),
    ban(
      'features-do-not-meet',
      '^lib/(descriptor|cluster|extensions|metrics)/',
      '^lib/(descriptor|cluster|extensions|metrics|supervisor|launch|node-powers|shipped-policies)',
      '^lib/$1/',
    ),
    ban(
      'supervisor-knows-no-feature',
      '^lib/supervisor/',
      '^lib/(descriptor|cluster|extensions|launch|node-powers)',
    ),
    ban(
      'launch-starts-and-reads-only',
      '^lib/launch/',
      own,
      '^lib/(launch/|errors|powers|protocol/|supervisor/(worker-options|proc-stat))',
    ),
    ban('lib-starts-workers-by-url', '^lib/', '^workers/'),
    ban(
      'workers-share-little',
      '^workers/',
      '^lib/',
      '^lib/(errors|powers|plugin|protocol/|rpc/(port|channel)|policy/(decide|match|grant)|cluster/(state|diff|event|listeners)|supervisor/worker-options)',
    ),
    {
      name: 'one-composition-root',
      severity: 'error',
      from: { path: '^lib/', pathNot: `^lib/(${top})` },
      to: { path: `^lib/(${top})` },
    },
    only(
      'node-only-in-powers',
      node,
      '^lib/(node-powers|shipped-policies)|^lib/(cli|bundle|launch|attack)/|^lib/testing/run-plugin|^lib/cluster/sources/|^workers/(host|plugin|bundler|powers|attenuate/|crawl/)',
    ),
    only('comlink', 'comlink', '^lib/rpc/remote'),
    only('ajv', 'node_modules/ajv', '^lib/(policy/parse|descriptor/load|extensions/reply|settings)'),
    only('yaml', 'node_modules/yaml', '^lib/policy/entitlement/yaml'),
    only('ses', '^ses|node_modules/ses', '^workers/(lockdown|compartment)'),
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
  },
}
