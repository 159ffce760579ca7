/** Runs the built example as a person would, with the packages of its plugins installed. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { root, setupPlugins } from './plugin-packages.js'

export interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Ends when the example does; tap's timeout ends both. */
export function runMain(args: readonly string[]): Promise<Ended> {
  setupPlugins()
  const main = fileURLToPath(new URL('dist/examples/search-node/main.js', root))
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [main, ...args], (_error, stdout, stderr) => {
      process.off('exit', kill)
      resolve({ code: child.exitCode ?? -1, stdout, stderr })
    })
    const kill = (): void => void child.kill('SIGKILL')
    process.once('exit', kill)
  })
}
