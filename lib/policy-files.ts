/**
 * policy.json and approvals as files: read once, bounded, checked. The text stays with
 * what it says, for whoever has to name a line of it.
 */
import { pluginFiles } from './bundle/plugin-files.js'
import { faultsError, type Fault } from './errors.js'
import type { Approval, PolicyRequest } from './policy/document.js'
import { readJson } from './policy/json-text.js'
import { shippedPolicyParser } from './shipped-policies.js'

export interface PolicyFile {
  readonly file: string
  readonly text: string
  /** With the rules of its presets. */
  readonly request: PolicyRequest
  /** The presets it names. */
  readonly extends: readonly string[]
}

export interface ApprovalFile {
  readonly file: string
  readonly text: string
  readonly approval: Approval
}

/**
 * @returns `null` when there is no such file: the plugin asks for nothing
 * @throws PluginError `POLICY_INVALID` with every fault
 */
export async function readPolicyFile(file: string): Promise<PolicyFile | null> {
  const text = await readDocument(file, 'POLICY_INVALID')
  if (text === null) return null
  const parsed = shippedPolicyParser().parsePolicy(text, file)
  if (!('faults' in parsed)) return { file, text, request: parsed.request, extends: parsed.extends }
  if (!looksLikeApproval(text)) throw faultsError('POLICY_INVALID', parsed.faults)
  throw faultsError('POLICY_INVALID', [
    {
      code: 'POLICY_INVALID',
      file,
      pointer: '',
      message: "this is an approval, which is the operator's answer, and not what the plugin asks for",
      remedy: "move it to the node's policies directory, and write what the plugin asks for here",
    },
  ])
}

/**
 * @returns `null` when there is no such file
 * @throws PluginError `APPROVAL_INVALID` with every fault
 */
export async function readApprovalFile(file: string): Promise<ApprovalFile | null> {
  const text = await readDocument(file, 'APPROVAL_INVALID')
  if (text === null) return null
  const parsed = shippedPolicyParser().parseApproval(text, file)
  if (!('faults' in parsed)) return { file, text, approval: parsed.approval }
  if (!looksLikePolicy(text)) throw faultsError('APPROVAL_INVALID', parsed.faults)
  throw faultsError('APPROVAL_INVALID', [
    {
      code: 'APPROVAL_INVALID',
      file,
      pointer: '',
      message: 'this is a policy, which is what a plugin asks for, and not the answer of an operator',
      remedy: "move it beside the plugin's plugin.json as policy.json, and write an approval here",
    },
  ])
}

/** Whether the text is meant as an approval, faults or not. */
export function looksLikeApproval(text: string): boolean {
  return keysOf(text).includes('approves')
}

function looksLikePolicy(text: string): boolean {
  const keys = keysOf(text)
  return keys.includes('policyVersion') && !keys.includes('approves') && !keys.includes('plugin')
}

function keysOf(text: string): readonly string[] {
  const read = readJson(text)
  const value = 'value' in read ? read.value : null
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : []
}

/** Room for thousands of rules; a larger document is read by nobody and only keeps the node busy. */
export const MOST_POLICY_BYTES = 1_048_576

async function readDocument(file: string, code: Fault['code']): Promise<string | null> {
  const read = await pluginFiles.readText(file, MOST_POLICY_BYTES)
  switch (read.kind) {
    case 'text':
      return read.text
    case 'missing':
      return null
    case 'irregular':
    case 'too-large':
    case 'unreadable':
      throw faultsError(code, [
        {
          code,
          file,
          pointer: '',
          message: `the file is ${read.kind.replace('-', ' ')}`,
          remedy: `make it a readable file of at most ${MOST_POLICY_BYTES} bytes`,
        },
      ])
  }
}
