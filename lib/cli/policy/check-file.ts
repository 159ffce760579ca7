/** Every fault and finding of one document or one plugin, in the order of the files. Runs nothing of a plugin. */
import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import type { Bundle } from '../../bundle/bundle.js'
import { pluginFiles } from '../../bundle/plugin-files.js'
import { loadDescriptors } from '../../descriptor/load.js'
import { PluginError, type Fault } from '../../errors.js'
import { realPathOf } from '../../node-powers.js'
import {
  MOST_POLICY_BYTES,
  looksLikeApproval,
  readApprovalFile,
  readPolicyFile,
  type ApprovalFile,
  type PolicyFile,
} from '../../policy-files.js'
import { parseJavaPolicy } from '../../policy/java/parse.js'
import { bundleOnce } from '../bundle-once.js'
import { faultsOf, shortPath, summaryOf } from '../describe-error.js'
import { hasPluginJson } from '../find-plugin.js'
import { findMisplaced } from '../misplaced.js'
import { lintPlugin } from '../lint-plugin.js'
import { lineOfBundleFault, lineOfFault, lineOfFinding, type CheckLine } from './check-line.js'
import { lintJava } from './lint-java.js'
import { readText } from './read-text.js'

export interface CheckOptions {
  readonly policiesDir: string | undefined
  readonly nodeVersion: string
}

/** What there is to check at a path: plugins, or documents. */
export interface Subject {
  readonly kind: 'plugin' | 'document'
  readonly path: string
}

/** @throws PluginError `CONFIG_INVALID` when there is nothing to check */
export async function subjectsAt(given: string): Promise<readonly Subject[]> {
  const path = realPathOf(resolve(given))
  const found = await stat(path).catch(() => undefined)
  if (found?.isFile() === true && /\.ya?ml$/.test(path))
    throw new PluginError('CONFIG_INVALID', {
      argument: 'path',
      value: shortPath(path),
      message: 'an entitlement policy is translated, not checked',
      remedy: 'check the policy.json that bulkhead policy translate makes of it',
    })
  if (found?.isFile() === true)
    return [
      basename(path) === 'plugin.json' ? { kind: 'plugin', path: dirname(path) } : { kind: 'document', path },
    ]
  if (found?.isDirectory() !== true) throw nothing(given, 'there is no such file or directory')
  if (await hasPluginJson(path)) return [{ kind: 'plugin', path }]
  const names = (await readdir(path)).filter((name) => !name.startsWith('.')).toSorted()
  const subjects = await Promise.all(
    names.map(async (name): Promise<readonly Subject[]> => {
      const below = join(path, name)
      if (await hasPluginJson(below)) return [{ kind: 'plugin', path: below }]
      return /\.(?:json|policy)$/.test(name) ? [{ kind: 'document', path: below }] : []
    }),
  )
  if (subjects.flat().length === 0) throw nothing(given, 'it holds no plugin, no .json and no .policy file')
  return subjects.flat()
}

export function check(subject: Subject, options: CheckOptions): Promise<readonly CheckLine[]> {
  return subject.kind === 'plugin' ? checkPlugin(subject.path, options) : checkDocument(subject.path)
}

async function checkPlugin(dir: string, options: CheckOptions): Promise<readonly CheckLine[]> {
  const file = join(dir, 'plugin.json')
  const { descriptors, faults } = await loadDescriptors(dir, options.nodeVersion, pluginFiles)
  const [descriptor] = descriptors
  const policy = await orFaults(() => readPolicyFile(join(dir, 'policy.json')))
  const name = descriptor?.name ?? basename(dir)
  const { policiesDir } = options
  const approval =
    policiesDir === undefined
      ? NOTHING
      : await orFaults(() => readApprovalFile(join(policiesDir, `${name}.json`)))
  const bundle = descriptor === undefined ? NOTHING : await orFaults<Bundle>(() => bundleOnce(descriptor))
  const found: { policy: PolicyFile | null; approval: ApprovalFile | null; bundle: Bundle | null } = {
    policy: policy.value,
    approval: approval.value,
    bundle: bundle.value,
  }
  const lines = await Promise.all(
    [...faults, ...policy.faults, ...approval.faults].map(async (fault) =>
      lineOfFault(fault, await textAt(fault.file)),
    ),
  )
  const misplaced = await findMisplaced(dir)
  return [
    ...lines,
    ...bundle.faults.map((fault) => lineOfBundleFault(fault, dir)),
    ...misplaced.map(({ path, message, remedy }): CheckLine => ({
      file: join(dir, path),
      line: null,
      column: null,
      severity: 'warning',
      code: 'misplaced-file',
      message,
      fix: remedy,
    })),
    ...lintPlugin(found).map(lineOfFinding),
    ...(lines.length === 0 && found.policy === null
      ? [
          {
            file,
            line: null,
            column: null,
            severity: 'info',
            code: 'no-policy',
            message: 'the plugin has no policy.json, so it can compute and nothing else',
            fix: 'write one beside it when it needs more',
          } as const,
        ]
      : []),
  ]
}

async function checkDocument(path: string): Promise<readonly CheckLine[]> {
  const text = await textAt(path)
  if (path.endsWith('.policy') || (text !== undefined && !/^\s*[{[]/.test(text))) return checkJava(path)
  const isApproval = text !== undefined && looksLikeApproval(text)
  const policy = isApproval ? NOTHING : await orFaults(() => readPolicyFile(path))
  const approval = isApproval ? await orFaults(() => readApprovalFile(path)) : NOTHING
  return [
    ...[...policy.faults, ...approval.faults].map((fault) => lineOfFault(fault, text)),
    ...lintPlugin({ policy: policy.value, approval: approval.value, bundle: null }).map(lineOfFinding),
  ]
}

async function checkJava(file: string): Promise<readonly CheckLine[]> {
  const text = await readText(file)
  try {
    const policy = parseJavaPolicy(text)
    return [
      ...policy.diagnostics.map(
        ({ severity, line, column, message, jdk, opensearch3, remedy }): CheckLine => ({
          file,
          line,
          column,
          severity,
          code: 'java-dialect',
          message: `${message}; the JDK ${jdk}, OpenSearch 3 ${opensearch3}`,
          fix: remedy,
        }),
      ),
      ...lintJava(file, policy).map(lineOfFinding),
    ]
  } catch (error) {
    if (!(error instanceof PluginError) || error.code !== 'JAVA_POLICY_INVALID') throw error
    const { line, column, jdk, opensearch3, remedy } = error.detail
    return [
      {
        file,
        line: Number(line),
        column: Number(column),
        severity: 'error',
        code: error.code,
        message: `${summaryOf(error)}; the JDK ${String(jdk)}, OpenSearch 3 ${String(opensearch3)}`,
        fix: String(remedy),
      },
    ]
  }
}

interface Read<T> {
  readonly value: T | null
  readonly faults: readonly Fault[]
}
const NOTHING: Read<never> = { value: null, faults: [] }

async function orFaults<T>(read: () => Promise<T | null>): Promise<Read<T>> {
  try {
    return { value: await read(), faults: [] }
  } catch (error) {
    if (!(error instanceof PluginError)) throw error
    return { value: null, faults: faultsOf(error) }
  }
}

async function textAt(file: string): Promise<string | undefined> {
  const read = await pluginFiles.readText(file, MOST_POLICY_BYTES)
  return read.kind === 'text' ? read.text : undefined
}

function nothing(given: string, message: string): PluginError {
  return new PluginError('CONFIG_INVALID', {
    argument: 'path',
    value: shortPath(resolve(given)),
    message,
    remedy: 'give policy.json files, approvals, .policy files or directories of plugins',
  })
}
