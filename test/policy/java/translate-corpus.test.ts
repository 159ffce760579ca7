// Every permission line of real policies is accounted for, and the shipped table knows
// every class in them. Reads the folder that BULKHEAD_POLICY_CORPUS names.
import { shippedPolicyParser } from '../../../lib/shipped-policies.js'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parseJavaPolicy } from '../../../lib/policy/java/parse.js'
import { findClass } from '../../../lib/policy/java/permission-table.js'
import { translate } from '../../../lib/policy/java/translate.js'
import { PluginError } from '../../../lib/errors.js'
import { table } from './translate-support.js'

const corpus = process.env['BULKHEAD_POLICY_CORPUS']

t.test(
  'real policies',
  { skip: corpus === undefined ? 'BULKHEAD_POLICY_CORPUS is not set' : false },
  async (t) => {
    const folder = join(corpus ?? '', 'files')
    const parser = shippedPolicyParser()
    const totals = { files: 0, lines: 0, mapped: 0, noCounterpart: 0, refused: 0, needPerson: 0 }
    const unread: string[] = []
    for (const file of readdirSync(folder).toSorted()) {
      totals.files += 1
      const policy = read(readFileSync(join(folder, file), 'utf8'))
      if (policy === undefined) {
        unread.push(file)
        continue
      }
      const written = policy.grants.flatMap(({ permissions }) => permissions)
      const { policy: request, report } = translate(policy, { table })
      const { lines, mapped, noCounterpart, refused, needPerson } = report.counts
      t.equal(lines, written.length, file)
      t.equal(mapped + noCounterpart + refused, lines, file)
      t.same(
        report.lines.map((one) => [one.line, one.column]),
        written.map((one) => [one.line, one.column]),
        `${file}: each line once, in order`,
      )
      t.same(
        written.filter((one) => findClass(table, one.class) === undefined),
        [],
        `${file}: no class is unknown`,
      )
      t.notOk(
        report.lines.some(({ reason }) => /^[^A-Z]|[^.]$/.test(reason)),
        `${file}: reasons are sentences`,
      )
      t.same(parser.parsePolicy(request, 'policy.json'), { request, extends: [] }, file)
      totals.lines += lines
      totals.mapped += mapped
      totals.noCounterpart += noCounterpart
      totals.refused += refused
      totals.needPerson += needPerson
    }
    t.comment(JSON.stringify(totals))
    t.same(unread, ['apache__felix-dev__etc__example.policy'], "one begins with '#', which nobody reads")
  },
)

function read(text: string): ReturnType<typeof parseJavaPolicy> | undefined {
  try {
    return parseJavaPolicy(text)
  } catch (error) {
    if (error instanceof PluginError && error.code === 'JAVA_POLICY_INVALID') return undefined
    throw error
  }
}
