/** Where a rule was written: the file and line of policy.json, of a preset it extends, or of the approval. */
import type { ApprovalFile, PolicyFile } from '../../policy-files.js'
import { CAPABILITIES, patternsOf, pointerOf } from '../../policy/capability.js'
import type { RulePlace } from '../../policy/decide.js'
import { locate, readJson, type Place } from '../../policy/json-text.js'
import { migrate } from '../../policy/migrate.js'
import { presetOf } from '../../policy/presets.js'
import { shippedPresets, shippedText } from '../../shipped-policies.js'

export interface Origin {
  readonly document: RulePlace['document']
  /** The preset it comes from, when the policy has it from one. */
  readonly preset: string | null
  readonly file: string
  /** Both from 1; `null` when the rule stands nowhere by itself. */
  readonly line: number | null
  readonly column: number | null
  /** As it is matched, placeholders expanded. */
  readonly pattern: string
}

export interface Documents {
  readonly policy: PolicyFile | null
  readonly approval: ApprovalFile | null
}

export function originOf({ document, pointer, pattern }: RulePlace, documents: Documents): Origin {
  const read = document === 'policy' ? documents.policy : documents.approval
  const text = read?.text ?? ''
  const own = locate(text, document === 'policy' ? backOf(text)(pointer) : pointer)
  if (own === undefined && documents.policy !== null && document === 'policy') {
    const preset = presetPlace(documents.policy, pointer)
    if (preset !== undefined) return { document, ...preset, pattern }
  }
  return { document, preset: null, file: read?.file ?? '', ...spot(own), pattern }
}

/** A pointer into the current form of the document as one into the text, which may be older. */
function backOf(text: string): (pointer: string) => string {
  const read = readJson(text)
  const moved = migrate('value' in read ? read.value : null)
  return 'back' in moved ? moved.back : (pointer) => pointer
}

function presetPlace(
  { request, extends: names }: PolicyFile,
  pointer: string,
): Pick<Origin, 'preset' | 'file' | 'line' | 'column'> | undefined {
  const capability = CAPABILITIES.find((each) => pointer.startsWith(`/grant${pointerOf(each)}/`))
  if (capability === undefined) return undefined
  const index = Number(pointer.slice(pointer.lastIndexOf('/') + 1))
  const pattern = patternsOf(request.grant, capability)?.[index] ?? ''
  const presets = shippedPresets()
  const name = presetOf(names, presets, capability, pattern)
  if (name === undefined) return undefined
  const { file, text } = shippedText(`presets/${name}.json`)
  const at = patternsOf(presets[name]?.grant ?? {}, capability)?.indexOf(pattern) ?? 0
  const place = locate(text, `/grant${pointerOf(capability)}/${at}`)
  return { preset: name, file, ...spot(place) }
}

function spot(place: Place | undefined): Pick<Origin, 'line' | 'column'> {
  return { line: place?.line ?? null, column: place?.column ?? null }
}
