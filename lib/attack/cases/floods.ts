/** More of everything than the node wants to hear, for as long as a call lasts. */
import { BOUNDED, cases, ended, refused, type AttackCase } from '../attack-case.js'

export const FLOODS: readonly AttackCase[] = [
  ...cases(
    {
      chapter: 'floods',
      by: 'logBytesPerSecond: the rest is counted and dropped',
      withinMs: 1000,
      expect: [
        ...BOUNDED,
        ...refused('CALL_TIMEOUT'),
        ...ended('PLUGIN_BLOCKED', 'PLUGIN_OUT_OF_MEMORY', 'PROTOCOL_VIOLATION'),
      ],
    },
    {
      'log-flood': {
        smoke: true,
        code: "await keepUp((at) => context.log.info('line', at)); return { body: 1 }",
      },
      'tiny-logs': "await keepUp(() => console.log('')); return { body: 1 }",
      'huge-log-lines':
        "const line = 'x'.repeat(1e6); await keepUp(() => console.error(line)); return { body: 1 }",
      'every-console-method':
        'await keepUp((at) => { for (const name of ["log", "info", "warn", "error", "debug", "trace", "dir", "table", "group"]) console[name]?.([at], { at }) }); return { body: 1 }',
      'log-without-a-pause':
        "const until = Date.now() + 200; while (Date.now() < until) console.log('x'.repeat(8000)); return { body: 1 }",
      'log-of-large-values':
        'const big = Array.from({ length: 1e5 }, (_, at) => ({ at, big: [at] })); await keepUp(() => console.log(big)); return { body: 1 }',
      'standard-output': "await keepUp(() => process.stdout.write('x'.repeat(10000))); return { body: 1 }",
      'log-with-control-characters':
        "await keepUp(() => console.log('\\u001b]0;title\\u0007\\u001b[2J\\r\\n'.repeat(100))); return { body: 1 }",
      'log-after-the-reply':
        "for (let at = 0; at < 50; at++) setInterval(() => console.log('x'.repeat(4000)), 1); return { body: 1 }",
    },
  ),
  ...cases(
    {
      chapter: 'floods',
      by: 'sampling of the audit: single events stop, the sum stays exact',
      withinMs: 1000,
      expect: [
        ...BOUNDED,
        // Its own timers may be refused: each connection has one.
        ...refused('CALL_TIMEOUT', 'PLUGIN_ERROR'),
        ...ended('PLUGIN_BLOCKED', 'PLUGIN_OUT_OF_MEMORY', 'PROTOCOL_VIOLATION'),
      ],
    },
    {
      'denied-reads': {
        smoke: true,
        code: "await keepUp((at) => { try { fs.readFileSync('/etc/passwd' + at) } catch {} }); return { body: 1 }",
      },
      'denied-connections':
        "await keepUp((at) => net.connect(80, '10.0.0.' + (at % 250)).on('error', () => {})); return { body: 1 }",
      'denied-modules': "await keepUp((at) => { try { load('module-' + at) } catch {} }); return { body: 1 }",
      'denied-environment': 'await keepUp((at) => process.env["SECRET_" + at]); return { body: 1 }',
      'allowed-reads':
        "fs.writeFileSync('/data/one', 'x'); await keepUp(() => fs.readFileSync('/data/one')); return { body: 1 }",
      'long-denied-paths':
        "await keepUp((at) => { try { fs.readFileSync('/' + 'x'.repeat(100000) + at) } catch {} }); return { body: 1 }",
    },
  ),
  ...cases(
    {
      chapter: 'floods',
      by: 'queue and inFlight: the caller gets QUEUE_FULL',
      withinMs: 1000,
      expect: refused('QUEUE_FULL', 'CALL_TIMEOUT'),
    },
    { 'slow-handler-many-callers': { calls: 200, code: 'await turn(200); return { body: 1 }' } },
  ),
]
