/**
 * A process that runs one command after the other, as `bulkhead` would each in a
 * process of its own: starting Node and loading the library again takes longer than
 * most of them. Each gets a fresh instance of the entry module, with its own
 * arguments, directory and variables; what it prints goes back as text.
 */
import process from 'node:process'

export interface CommandRequest {
  readonly main: string
  readonly args: readonly string[]
  readonly cwd: string
  readonly env: { readonly [name: string]: string | undefined }
}

let count = 0
const written = { out: '', err: '' }
const keep = (stream: NodeJS.WriteStream, to: 'out' | 'err'): void => {
  stream.setMaxListeners(0)
  stream.write = (text: unknown): boolean => {
    written[to] += typeof text === 'string' ? text : Buffer.from(text as Uint8Array).toString('utf8')
    return true
  }
}
keep(process.stdout, 'out')
keep(process.stderr, 'err')

process.on('message', ({ main, args, cwd, env }: CommandRequest) => {
  void run(main, args, cwd, env)
})

async function run(
  main: string,
  args: readonly string[],
  cwd: string,
  env: CommandRequest['env'],
): Promise<void> {
  written.out = ''
  written.err = ''
  process.exitCode = undefined
  process.chdir(cwd)
  for (const name of Object.keys(process.env)) delete process.env[name]
  Object.assign(process.env, env)
  process.argv.splice(1, process.argv.length, main, ...args)
  await import(`${main}?${String((count += 1))}`)
  process.send?.({ code: process.exitCode ?? 0, ...written })
}
