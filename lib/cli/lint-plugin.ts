/** The linter over a plugin as it lies there: its policy, the operator's answer, and what its bundle imports. */
import type { Bundle } from '../bundle/bundle.js'
import type { ApprovalFile, PolicyFile } from '../policy-files.js'
import { locate } from '../policy/json-text.js'
import { lint, type Finding } from '../policy/lint/lint.js'

export interface LintedPlugin {
  readonly policy: PolicyFile | null
  readonly approval: ApprovalFile | null
  /** `null` when it cannot be bundled: then nothing is said about imports. */
  readonly bundle: Bundle | null
}

/** Findings with the lines they stand in. */
export function lintPlugin({ policy, approval, bundle }: LintedPlugin): readonly Finding[] {
  const findings = lint({
    ...(policy === null ? {} : { policy: { file: policy.file, request: policy.request } }),
    ...(approval === null ? {} : { approval: { file: approval.file, approval: approval.approval } }),
    ...(bundle === null
      ? {}
      : {
          modules: bundle.modules.map(({ name }) => name),
          globals: globalsIn(bundle),
          packages: packagesIn(bundle),
        }),
    wallTime: Date.now(),
  })
  const texts = new Map([policy, approval].flatMap((one) => (one === null ? [] : [[one.file, one.text]])))
  return findings.map((finding) => placed(finding, texts.get(finding.file)))
}

/** A finding in JSON with line and column: of the value, or of the nearest one around it that the file has. */
export function placed<T extends { readonly pointer: string | null }>(
  finding: T,
  text: string | undefined,
): T & { readonly line?: number | null; readonly column?: number | null } {
  const { pointer } = finding
  if (text === undefined || pointer === null) return finding
  for (let near = pointer; ; near = near.slice(0, near.lastIndexOf('/'))) {
    const place = locate(text, near)
    if (place !== undefined) return { ...finding, ...place }
    if (near === '') return finding
  }
}

/** Globals through which code uses a capability without an import. */
const GLOBALS = ['process', 'fetch', 'WebSocket', 'EventSource', 'XMLHttpRequest']

function globalsIn({ code }: Bundle): readonly string[] {
  const words = new Set(new TextDecoder().decode(code).match(/\b\w+\b/g))
  return GLOBALS.filter((name) => words.has(name))
}

/** npm packages whose files are in the bundle, by the source map. */
function packagesIn({ map }: Bundle): readonly string[] {
  const { sources } = JSON.parse(map) as { readonly sources: readonly string[] }
  const names = sources.flatMap((source) => {
    const [, name] = /.*(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(source) ?? []
    return name === undefined ? [] : [name]
  })
  return [...new Set(names)].toSorted()
}
