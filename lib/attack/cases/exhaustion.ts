/** Things of the machine that can run out: descriptors, sockets, timers, disk, processes. */
import { BOUNDED, cases, ended, refused, type AttackCase } from '../attack-case.js'

export const EXHAUSTION: readonly AttackCase[] = [
  ...cases(
    {
      chapter: 'exhaustion',
      by: 'files, sockets, timers: EMFILE or ERR_TIMER_LIMIT in the plugin',
      withinMs: 500,
      expect: refused('PLUGIN_ERROR'),
    },
    {
      'file-descriptors': {
        smoke: true,
        code: "fs.writeFileSync('/data/one', 'x'); for (;;) fs.openSync('/data/one')",
      },
      'read-streams':
        "fs.writeFileSync('/data/one', 'x'); await Promise.all(Array.from({ length: 500 }, () => new Promise((_, reject) => fs.createReadStream('/data/one', { autoClose: false }).on('error', reject)))); ",
      'file-handles':
        "fs.writeFileSync('/data/one', 'x'); const kept = []; for (;;) kept.push(await fs.promises.open('/data/one'))",
      watchers: "for (;;) fs.watch('/data', () => {})",
      timers: { code: 'for (;;) setTimeout(() => {}, 60000)' },
      intervals: 'for (;;) setInterval(() => {}, 60000)',
      servers:
        "for (let at = 0; at < 100; at++) await new Promise((resolve, reject) => net.createServer(() => {}).on('error', reject).listen(0, '127.0.0.1', resolve)); return { body: 1 }",
      sockets:
        "const server = net.createServer(() => {}).listen(0, '127.0.0.1'); await new Promise((resolve) => server.once('listening', resolve)); for (;;) await new Promise((resolve, reject) => net.connect(server.address().port, '127.0.0.1').on('connect', resolve).on('error', reject))",
    },
  ),
  ...cases(
    {
      chapter: 'exhaustion',
      by: 'not there: ERR_MODULE_DENIED, or no such name',
      withinMs: 300,
      expect: refused('PLUGIN_ERROR'),
    },
    {
      'child-processes': {
        smoke: true,
        code: "load(['child', 'process'].join('_')).fork('/plugin/index.js')",
      },
      'worker-threads': "new (load(['worker', 'threads'].join('_')).Worker)('for(;;);', { eval: true })",
      cluster: "load('node:clu' + 'ster').fork()",
      'process-exit': "process.exit(0); throw new Error('it went on')",
      'process-abort': 'process.abort()',
      'process-kill': "process.kill(process.pid, 'SIGKILL')",
      'process-kill-parent': "process.kill(process.ppid ?? 1, 'SIGKILL')",
      'process-binding': "process.binding('spawn_sync').spawn({ file: '/bin/sh' })",
      'really-exit': 'process.reallyExit(1)',
      'native-code': "process.dlopen({}, '/lib/x.node')",
    },
  ),
  ...cases(
    {
      chapter: 'exhaustion',
      by: 'the bound of the data directory',
      withinMs: 2000,
      expect: [
        ...refused('PLUGIN_ERROR', 'CALL_TIMEOUT'),
        ...ended('PLUGIN_BLOCKED', 'PLUGIN_OUT_OF_MEMORY'),
        ...BOUNDED,
      ],
      provoke: 'call',
    },
    {
      'disk-bytes':
        "const bytes = Buffer.alloc(1e6, 1); for (let at = 0; at < 300; at++) { fs.appendFileSync('/data/big', bytes); if (at % 10 === 0) await turn() } return { body: 1 }",
      'disk-many-files':
        "for (let at = 0; at < 20000; at++) { fs.writeFileSync('/data/f' + at, 'x'); if (at % 200 === 0) await turn() } return { body: 1 }",
      'disk-deep-directories':
        "let path = '/data'; for (let at = 0; at < 300; at++) { path += '/d'; fs.mkdirSync(path); if (at % 20 === 0) await turn() } return { body: 1 }",
      'disk-sparse-file':
        "fs.writeFileSync('/data/sparse', ''); fs.truncateSync('/data/sparse', 2 ** 42); return { body: fs.readFileSync('/data/sparse').length }",
      'disk-write-stream':
        "const to = fs.createWriteStream('/data/stream'); for (let at = 0; at < 300; at++) { to.write(Buffer.alloc(1e6, 1)); await turn() } return { body: 1 }",
    },
  ),
  ...cases(
    {
      chapter: 'exhaustion',
      by: 'bounds of the module, heapMb and externalMb',
      withinMs: 1500,
      expect: [
        ...refused('PLUGIN_ERROR', 'CALL_TIMEOUT'),
        ...ended('PLUGIN_BLOCKED', 'PLUGIN_OUT_OF_MEMORY'),
        ...BOUNDED,
      ],
    },
    {
      'abort-timeouts':
        'const kept = []; for (let at = 0; at < 5000; at++) kept.push(AbortSignal.timeout(60000)); return { body: kept.length }',
      'connect-and-drop':
        "const server = net.createServer((socket) => socket.destroy()).listen(0, '127.0.0.1'); await new Promise((resolve) => server.once('listening', resolve)); await keepUp(() => net.connect(server.address().port, '127.0.0.1').on('error', () => {})); return { body: 1 }",
      'unread-socket':
        "const server = net.createServer((socket) => { for (let at = 0; at < 200; at++) socket.write(Buffer.alloc(1e6)) }).listen(0, '127.0.0.1'); await new Promise((resolve) => server.once('listening', resolve)); net.connect(server.address().port, '127.0.0.1'); await turn(300); return { body: 1 }",
      'stream-pumps':
        'for (let at = 0; at < 200; at++) Readable.from((function* () { for (;;) yield Buffer.alloc(65536) })()).pipe(new PassThrough()); return { body: 1 }',
    },
  ),
]
