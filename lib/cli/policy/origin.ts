/** Where a rule was written: the file and line of policy.json, of a preset it extends, or of the approval. */
import type { ApprovalFile, PolicyFile } from '../../policy-files.js'
import { CAPABILITIES, patternsOf, pointerOf } from '../../policy/capability.js'
import type { RulePlace } from '../../policy/decide.js'
import { locate, readJson, type Place } from '../../policy/json-text.js'
import { migrate } from '../../policy/migrate.js'
import { presetOf } from '../../policy/presets.js'
import { shippedPresets, shippedText } from '../../shipped-policies.js'

export interface Origin {
  /** `policy.json`, `the preset s3-client`, `the approval`. */
  readonly source: string
  readonly file: string
  /** Both from 1; `null` when the rule stands nowhere by itself. */
  readonly line: number | null
  readonly column: number | null
  /** As written, placeholders unexpanded where it is known. */
  readonly pattern: string
}

export interface Documents {
  readonly policy: PolicyFile | null
  readonly approval: ApprovalFile | null
}

export function originOf({ document, pointer, pattern }: RulePlace, documents: Documents): Origin {
  const { policy, approval } = documents
  if (document === 'approval')
    return {
      source: 'the approval',
      file: approval?.file ?? '',
      ...spot(locate(approval?.text ?? '', pointer)),
      pattern,
    }
  if (policy === null) return { source: 'policy.json', file: '', ...spot(undefined), pattern }
  const own = locate(policy.text, backOf(policy.text)(pointer))
  return own === undefined
    ? (presetOrigin(policy, pointer) ?? {
        source: 'policy.json',
        file: policy.file,
        ...spot(undefined),
        pattern,
      })
    : { source: 'policy.json', file: policy.file, ...spot(own), pattern }
}

/** A pointer into the current form of the document as one into the text, which may be older. */
function backOf(text: string): (pointer: string) => string {
  const read = readJson(text)
  const moved = migrate('value' in read ? read.value : null)
  return 'back' in moved ? moved.back : (pointer) => pointer
}

function presetOrigin({ request, extends: names }: PolicyFile, pointer: string): Origin | undefined {
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
  return { source: `the preset ${name}`, file, ...spot(place), pattern }
}

function spot(place: Place | undefined): Pick<Origin, 'line' | 'column'> {
  return { line: place?.line ?? null, column: place?.column ?? null }
}
