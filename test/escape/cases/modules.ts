/** Modules, processes, signals, the environment: authority that no grant opens. */
import { nothing, type Chapter } from '../escape-case.js'

const touch = `require('fs').writeFileSync(target.marker, 'x')`
const run = (module: string, call: string): string => `const it = require('${module}'); ${call}`

export const modules: Chapter = {
  name: 'modules',
  grant: nothing,
  cases: [
    {
      name: 'a program',
      code: run('child_process', `it.execFileSync('touch', [target.marker])`),
      smoke: true,
    },
    {
      name: 'a program by another name',
      code: run('node:child_process', `it.spawnSync('/bin/sh', ['-c', 'touch ' + target.marker])`),
    },
    {
      name: 'a forked script',
      code: run(
        'child_process',
        `await new Promise((resolve) => it.fork('/dev/null', [], { execArgv: ['-r', require('path').resolve(target.home, 'mark.cjs')], env: { MARKER: target.marker } }).on('exit', resolve))`,
      ),
    },
    {
      name: 'a cluster worker',
      code: `const cluster = require('cluster'); cluster.setupPrimary({ exec: '/dev/null', execArgv: ['-r', require('path').resolve(target.home, 'mark.cjs')] }); await new Promise((resolve) => cluster.fork({ MARKER: target.marker }).on('exit', resolve))`,
    },
    {
      name: 'a thread',
      code: run(
        'worker_threads',
        `await new Promise((resolve) => new it.Worker("require('fs').writeFileSync('" + target.marker + "', '')", { eval: true, execArgv: [] }).on('exit', resolve))`,
      ),
      smoke: true,
    },
    {
      name: 'what the thread was given',
      code: run(
        'worker_threads',
        `return [it.workerData, it.parentPort, 'escaped to ' + typeof it.threadId === 'escaped to number' ? 'escaped to 1' : '']`,
      ),
    },
    {
      name: 'the inspector of its own thread',
      code: run(
        'inspector',
        `const session = new it.Session(); session.connect(); return new Promise((resolve) => session.post('Runtime.evaluate', { expression: "'escaped to ' + process.pid" }, (error, result) => resolve(result)))`,
      ),
    },
    {
      name: "the node's inspector by signal",
      code: `process.kill(target.pid, 'SIGUSR1'); await new Promise((resolve) => setTimeout(resolve, 300))`,
      smoke: true,
    },
    {
      name: "the node's inspector by _debugProcess",
      code: `process._debugProcess(target.pid); await new Promise((resolve) => setTimeout(resolve, 300))`,
    },
    { name: 'a signal to the node', code: `process.kill(target.pid, 'SIGUSR2')` },
    { name: 'a signal by _kill', code: `process._kill(target.pid, 12)` },
    { name: 'a signal to its group', code: `process.kill(process.ppid, 'SIGWINCH')` },
    { name: 'process.binding', code: `return process.binding('fs') && 'escaped to ' + process.pid` },
    {
      name: 'process._linkedBinding',
      code: `try { process._linkedBinding('x') } catch (error) { return error.code === 'ERR_INVALID_MODULE' || /No such/.test(error.message) ? 'escaped to 1' : error } return 'escaped to 1'`,
    },
    {
      name: 'getBuiltinModule',
      code: `return process.getBuiltinModule('fs').readFileSync(target.secretFile, 'utf8')`,
    },
    {
      name: 'a native library',
      code: `const exports = {}; try { process.dlopen({ exports }, '/proc/self/exe') } catch (error) { return /cannot dynamically load|cannot open|invalid ELF|executable/i.test(error.message) ? 'escaped to 1' : error }`,
    },
    {
      name: 'the main module',
      code: `return process.mainModule.require('fs').readFileSync(target.secretFile, 'utf8')`,
      tame: 'a script without a file has no main module',
    },
    {
      name: "module's loader",
      code: `return module.constructor._load('fs').readFileSync(target.secretFile, 'utf8')`,
    },
    {
      name: 'createRequire',
      code: run('module', `return it.createRequire('/')('fs').readFileSync(target.secretFile, 'utf8')`),
    },
    {
      name: 'require of its cache',
      code: `for (const name of Object.keys(require.cache ?? {})) told.push(require.cache[name].require('fs').readFileSync(target.secretFile, 'utf8'))`,
      tame: 'the cache of a script is empty',
    },
    {
      name: 'require by a path',
      code: `return require(target.outside + '/../outside/secret.txt')`,
    },
    {
      name: 'import() made by Function',
      code: `return (await new Function('return import("fs")')()).readFileSync(target.secretFile, 'utf8')`,
    },
    {
      name: 'import() made by an async function',
      code: `const Async = (async () => 0).constructor; return (await new Async('return import("node:fs")')()).readFileSync(target.secretFile, 'utf8')`,
    },
    {
      name: 'import() made by a generator',
      code: `const Generator = (function* () {}).constructor; return (await new Generator('return import("node:fs")')().next().value).readFileSync(target.secretFile, 'utf8')`,
    },
    {
      name: 'import() by indirect eval',
      code: `return (await (0, eval)('import("fs")')).readFileSync(target.secretFile, 'utf8')`,
      smoke: true,
    },
    {
      name: 'import() with a comment in it',
      code: `return (await (0, eval)('import/**/("fs")')).readFileSync(target.secretFile, 'utf8')`,
    },
    {
      name: 'import() with a line end in it',
      code: `return (await (0, eval)('import\\n("fs")')).readFileSync(target.secretFile, 'utf8')`,
    },
    {
      name: 'import() in a template',
      code: 'return (await (0, eval)("`${import(\\"fs\\")}`" ? "import (\\"fs\\")" : "")).readFileSync(target.secretFile, "utf8")',
    },
    {
      name: 'import() behind an HTML comment',
      code: `return (await (0, eval)('<!-- x\\nimport("fs")')).readFileSync(target.secretFile, 'utf8')`,
    },
    {
      name: 'vm in this context',
      code: run(
        'vm',
        `return it.runInThisContext("process.getBuiltinModule('fs')").readFileSync(target.secretFile, 'utf8')`,
      ),
    },
    {
      name: 'vm with an import callback',
      code: run(
        'vm',
        `return new it.Script('import("fs")', { importModuleDynamically: it.constants?.USE_MAIN_CONTEXT_DEFAULT_LOADER }).runInThisContext().then((fs) => fs.readFileSync(target.secretFile, 'utf8'))`,
      ),
    },
    {
      name: 'the heap of the thread',
      code: run(
        'v8',
        `const { Readable } = require('stream'); let text = ''; for await (const chunk of it.getHeapSnapshot()) { text += chunk; if (text.length > 60000000) break } return text.includes(process.env.BULKHEAD_ESCAPE_CANARY ?? '\\0') ? process.env.BULKHEAD_ESCAPE_CANARY : 'escaped to 1'`,
      ),
    },
    {
      name: 'a flag of V8',
      code: run(
        'v8',
        `it.setFlagsFromString('--allow-natives-syntax'); return new Function('return %GetHeapUsage ? "" : ""') && 'escaped to 1'`,
      ),
      tame: 'it depends on the flags of V8',
    },
    { name: 'WASI', code: run('wasi', `return it.WASI && 'escaped to 1'`) },
    { name: 'the environment', code: `return process.env`, smoke: true },
    {
      name: 'the environment by another way',
      code: `return [globalThis.process?.env, Function('return process.env')(), this?.process?.env, require('process').env]`,
    },
    { name: 'the report', code: `return process.report.getReport()` },
    {
      name: 'the environment of the thread',
      code: run('worker_threads', `return it.getEnvironmentData('x') === undefined && 'escaped to 1'`),
    },
    {
      name: 'the arguments and files of the process',
      code: `return [process.argv, process.execArgv, process.cwd(), require('path').resolve('.')]`,
    },
    {
      name: 'an async hook',
      code: run(
        'async_hooks',
        `const seen = []; const hook = it.createHook({ init(id, type, trigger, resource) { seen.push(resource) } }).enable(); require('fs').stat('/', () => 0); setTimeout(() => 0, 1); await 0; hook.disable(); return seen.length > 0 && 'escaped to 1'`,
      ),
    },
    {
      name: 'diagnostics of sockets',
      code: run(
        'diagnostics_channel',
        `const net = require('net'); let seen; it.subscribe('net.client.socket', (message) => (seen = message)); net.connect(target.webPort, '127.0.0.1').on('error', () => 0); await new Promise((resolve) => setTimeout(resolve, 50)); return seen?.socket?._handle && 'escaped to 1'`,
      ),
    },
    {
      name: 'a broadcast to other threads',
      code: `const channel = new BroadcastChannel('x'); channel.postMessage('x'); channel.close(); return 'escaped to 1'`,
    },
    {
      name: 'a port of its own',
      code: `const { port1, port2 } = new MessageChannel(); port1.close(); return port2 && 'escaped to 1'`,
    },
    { name: 'WebAssembly', code: `return new WebAssembly.Memory({ initial: 1 }) && 'escaped to 1'` },
    { name: 'shared memory', code: `return new SharedArrayBuffer(8) && 'escaped to 1'` },
    { name: 'a REPL', code: run('repl', `return it.start && 'escaped to 1'`) },
    {
      name: 'the priority of the node',
      code: run('os', `it.setPriority(target.pid, 1); return 'escaped to 1'`),
    },
    {
      name: 'who runs the node',
      code: run('os', `return it.userInfo().uid >= 0 && it.hostname() !== 'localhost' ? 'escaped to 1' : ''`),
    },
    {
      name: 'process.exit from a listener',
      code: `process.on('exit', () => ${touch}); return process._events?.exit && 'escaped to 1'`,
    },
    {
      name: 'an uncaught exception handler',
      code: `process.setUncaughtExceptionCaptureCallback(() => 0); process.setUncaughtExceptionCaptureCallback(null); return 'escaped to 1'`,
    },
    {
      name: 'standard streams',
      code: `return [process.stdout._handle ?? process.stdout.fd, process.stdin?.fd].some((it) => it !== undefined) ? 'escaped to 1' : ''`,
    },
    { name: 'umask and ids', code: `process.umask(process.umask(0)); return 'escaped to 1'` },
  ],
}
