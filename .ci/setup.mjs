// Makes a fresh clone ready: installs the dependencies when they are missing or older than the lock file.
import { execFileSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'

const root = fileURLToPath(new URL('..', import.meta.url))

/**
 * Installs what package-lock.json names in `dir`, unless that is done already. No install script is run.
 * `install --no-save` and not `ci`: a lock can only name the platform builds of optional packages that the
 * registry it was written against has, and `ci` refuses the whole lock for one that is missing.
 */
export function setup(dir = root) {
  const lock = join(dir, 'package-lock.json')
  const installed = join(dir, 'node_modules', '.package-lock.json')
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return
  console.error(`installing dependencies in ${dir}`)
  execFileSync(
    'npm',
    ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
    {
      cwd: dir,
      stdio: ['ignore', 2, 2],
      shell: process.platform === 'win32',
    },
  )
}

if (process.argv[1] === fileURLToPath(import.meta.url)) setup()
