// npm run check: lint, format, layers, unused code, and what the package exports.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const CHECKS = [
  ['lint', ['oxlint', '--type-aware', 'lib', 'workers', 'test', 'bench', 'examples/search-node']],
  [
    'format',
    [
      'prettier',
      '--check',
      '--log-level=warn',
      'lib',
      'workers',
      'test',
      'bench',
      'examples',
      '.ci',
      'policies',
    ],
  ],
  ['layers', ['depcruise', 'lib', 'workers', '--config', '.dependency-cruiser.cjs']],
  ['unused code', ['knip']],
  ['package', ['publint', '--strict']],
  ['types of the package', ['attw', '--pack', '.', '--profile', 'esm-only', '--format', 'ascii']],
]

/** Runs every check, prints what the failing ones say; true when all are clean. */
export function check() {
  let clean = true
  for (const [name, [tool, ...args]] of CHECKS) {
    const result = spawnSync(join(root, 'node_modules/.bin', tool), args, {
      cwd: root,
      encoding: 'utf8',
      shell: process.platform === 'win32',
    })
    if (result.status === 0) continue
    clean = false
    console.error(
      `check failed: ${name} (${tool} ${args.join(' ')})\n${result.stdout ?? ''}${result.stderr ?? ''}`,
    )
  }
  return clean
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (!check()) process.exit(1)
  console.log('all checks clean')
}
