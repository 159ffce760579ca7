/**
 * Presets: policies that ship with Bulkhead for what many plugins need. A policy that
 * `extends` one has its rules too. They are put in when a document is read, so a
 * request that is hashed, approved or decided on never has an `extends` left: a preset
 * that changes with an update of Bulkhead is another request, which the operator sees.
 */
import { patternsOf, rulesFrom, type Capability } from './capability.js'
import type { GrantRules, PolicyRequest } from './document.js'

/** By name; the name of `policies/presets/http-client.json` is `http-client`. */
export type Presets = Readonly<Record<string, Pick<PolicyRequest, 'grant'>>>

/** Index in `extends` of the first preset that does not exist; -1 when all do. */
export function unknownPreset(request: PolicyRequest, presets: Presets): number {
  return (request.extends ?? []).findIndex((name) => !Object.hasOwn(presets, name))
}

/** The request with the rules of its presets behind its own, none of them twice. Names that do not exist add nothing. */
export function expandPresets(request: PolicyRequest, presets: Presets): PolicyRequest {
  const { extends: names = [], ...own } = request
  const built = names.flatMap((name) => {
    const preset = Object.hasOwn(presets, name) ? presets[name] : undefined
    return preset === undefined ? [] : [preset.grant]
  })
  return built.length === 0 ? own : { ...own, grant: [own.grant, ...built].reduce(merge) }
}

function merge(first: GrantRules, second: GrantRules): GrantRules {
  return rulesFrom((capability) => {
    const lists = [patternsOf(first, capability), patternsOf(second, capability)]
    return lists.every((list) => list === undefined)
      ? undefined
      : [...new Set(lists.flatMap((list) => list ?? []))]
  })
}

/** Which of a request's presets has the rule; `undefined` when it is the request's own. */
export function presetOf(
  names: readonly string[],
  presets: Presets,
  capability: Capability,
  pattern: string,
): string | undefined {
  return names.find(
    (name) =>
      Object.hasOwn(presets, name) &&
      patternsOf(presets[name]?.grant ?? {}, capability)?.includes(pattern) === true,
  )
}
