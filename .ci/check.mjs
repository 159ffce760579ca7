// npm run check: lint, format, layers, unused code, and what the package exports.
import { spawn } from 'node:child_process'
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

/** Runs every check at once, prints what the failing ones say; true when all are clean. */
export async function check() {
  const results = await Promise.all(CHECKS.map(runCheck))
  return results.every((clean) => clean)
}

function runCheck([name, [tool, ...args]]) {
  return new Promise((resolve) => {
    const child = spawn(join(root, 'node_modules/.bin', tool), args, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32',
    })
    let said = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => (said += text))
    }
    child.on('error', (error) => (said += error.message))
    child.on('close', (code) => {
      if (code !== 0) console.error(`check failed: ${name} (${tool} ${args.join(' ')})\n${said}`)
      resolve(code === 0)
    })
  })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (!(await check())) process.exit(1)
  console.log('all checks clean')
}
