// The policies and approvals this project ships come out clean, but for what is only
// worth knowing: a linter that cries at good examples is soon ignored.
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { lint, type LintInput } from '../../../lib/policy/lint/lint.js'
import { shippedPolicyParser } from '../../../lib/shipped-policies.js'

const root = fileURLToPath(new URL('../../../../', import.meta.url))
const parser = shippedPolicyParser()

t.test('the policies of presets and example plugins', (t) => {
  const files = [...filesBelow('policies/presets'), ...filesBelow('examples/plugins')].filter(
    (file) => /\bpresets\/[^/]+\.json$/.test(file) || file.endsWith('/policy.json'),
  )
  t.ok(files.length >= 3, `${files.length} policies`)
  for (const file of files) {
    const parsed = parser.parsePolicy(readFileSync(file, 'utf8'), file)
    if ('faults' in parsed) t.fail(`${file} is no policy`)
    else t.same(loud({ policy: { file, request: parsed.request } }), [], file)
  }
  t.end()
})

t.test('the approvals of the example node', (t) => {
  const files = filesBelow('examples/policies')
  t.ok(files.length >= 3, `${files.length} approvals`)
  for (const file of files) {
    const parsed = parser.parseApproval(readFileSync(file, 'utf8'), file)
    if ('faults' in parsed) t.fail(`${file} is no approval`)
    else t.same(loud({ approval: { file, approval: parsed.approval } }), [], file)
  }
  t.end()
})

/** Without dependencies; none for a directory that is not there. */
function filesBelow(directory: string): readonly string[] {
  try {
    return readdirSync(root + directory, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile() && !entry.parentPath.includes('node_modules'))
      .map((entry) => `${entry.parentPath}/${entry.name}`)
      .toSorted()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

function loud(input: LintInput): readonly string[] {
  return lint(input)
    .filter(({ severity }) => severity !== 'info')
    .map(({ code, message }) => `${code}: ${message}`)
}
