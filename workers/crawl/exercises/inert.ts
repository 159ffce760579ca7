/** What an audit does not expect to work. */
import { of } from './exercise.js'

/** Functions of modules that no call can make work for a plugin, and why nothing comes of them. */
export const INERT: Readonly<Record<string, string>> = Object.fromEntries([
  ...of(
    'process',
    'exit reallyExit kill abort binding _linkedBinding dlopen chdir umask execve setuid setgid',
  ).map(refuses),
  ...of('process', 'seteuid setegid setgroups initgroups getBuiltinModule loadEnvFile').map(refuses),
  refuses('os.setPriority'),
  ...of('async_hooks', 'AsyncLocalStorage createHook').map(refuses),
  ...of('http2', 'connect createServer createSecureServer performServerHandshake').map(refuses),
  ...of('tty', 'ReadStream WriteStream').map(refuses),
  ...of('util/types', 'isProxy isExternal isModuleNamespaceObject').map((name) => [
    name,
    'always throws: code of a plugin cannot tell',
  ]),
  ...['assert.fail', 'assert/strict.fail'].map((name) => [name, 'always throws, and the error is looked at']),
])

function refuses(name: string): [string, string] {
  return [name, 'always refuses']
}
