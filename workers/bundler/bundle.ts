/**
 * One job of the bundler: esbuild with fixed options under our own import rules,
 * its output made fit for a compartment, its complaints made fit for the plugin's author.
 */
import { build, type BuildFailure, type BuildResult, type Message, type Metafile } from 'esbuild'
import type { BundleAnswer, BundleFault, BundleJob, ModuleUse } from '../../lib/protocol/bundle-wire.js'
import { BUILTIN_NOTE, computedImport, importRules, TSCONFIG } from './import-rules.js'
import { authorsName, cleanMap, disarmed } from './output.js'
import { makePackages } from './package-json.js'
import { Refusal } from './refusal.js'
import { makeResolver } from './resolve.js'
import { makeTree, type Tree } from './tree.js'

/** Faults and characters of one message reported at most: both come from untrusted code. */
const MAX_FAULTS = 50
const MAX_TEXT = 400

type Output = BuildResult<{ readonly write: false; readonly metafile: true }>

/** @param cwd - an empty directory; esbuild looks into its working directory */
export async function bundle(job: BundleJob, cwd: string): Promise<BundleAnswer> {
  let tree: Tree
  try {
    tree = makeTree(job.dir, job)
  } catch {
    return refused(
      job,
      [],
      new Refusal('the plugin directory cannot be read', 'check that it exists', 'plugin.json'),
    )
  }
  try {
    const output = await run(job, tree, cwd)
    const code = output.outputFiles.find((file) => file.path.endsWith('.js'))
    const map = output.outputFiles.find((file) => file.path.endsWith('.map'))
    if (code === undefined || map === undefined) throw new Error('esbuild gave no output')
    const pattern = output.warnings.find(({ id }) => id === 'empty-glob')
    if (pattern !== undefined) return refused(job, [pattern], computedImport())
    return {
      ok: true,
      code: disarmed(code.text),
      map: cleanMap(map.text),
      modules: moduleUses(output),
      probes: tree.probes(),
      files: tree.files(),
    }
  } catch (error) {
    return refused(job, messagesOf(error), undefined)
  }
}

function run(job: BundleJob, tree: Tree, cwd: string): Promise<Output> {
  const resolver = makeResolver(tree, makePackages(tree))
  const file = `/plugin/${job.name}.js`
  return build({
    entryPoints: ['entry'],
    outfile: 'bundle.js',
    absWorkingDir: cwd,
    write: false,
    metafile: true,
    bundle: true,
    format: 'cjs',
    platform: 'neutral',
    target: 'es2022',
    supported: { 'dynamic-import': false },
    sourcemap: 'external',
    sourcesContent: false,
    legalComments: 'none',
    keepNames: false,
    treeShaking: true,
    tsconfigRaw: TSCONFIG,
    logLevel: 'silent',
    logLimit: 0,
    define: {
      'process.env.NODE_ENV': '"production"',
      'import.meta.url': JSON.stringify(`file://${file}`),
      'import.meta.filename': JSON.stringify(file),
      'import.meta.dirname': '"/plugin"',
      __filename: JSON.stringify(file),
      __dirname: '"/plugin"',
    },
    plugins: [importRules(tree, resolver, job.main)],
  })
}

/** Built-ins that code in the script asks for; those of modules that were left out do not count. */
function moduleUses(output: Output): readonly ModuleUse[] {
  const inside = filesInside(output.metafile)
  const uses = new Map<string, ModuleUse>()
  for (const warning of output.warnings) {
    if (warning.text !== BUILTIN_NOTE || warning.location === null || !inside.has(warning.location.file))
      continue
    const use = {
      name: String(warning.detail),
      importer: `${authorsName(warning.location.file)}:${warning.location.line}`,
    }
    uses.set(`${use.name} ${use.importer}`, use)
  }
  return [...uses.values()].sort((a, b) =>
    a.name < b.name || (a.name === b.name && a.importer < b.importer) ? -1 : 1,
  )
}

function filesInside(metafile: Metafile): ReadonlySet<string> {
  const inside = new Set<string>()
  for (const output of Object.values(metafile.outputs)) {
    for (const [name, { bytesInOutput }] of Object.entries(output.inputs))
      if (bytesInOutput > 0) inside.add(name)
  }
  return inside
}

function messagesOf(error: unknown): readonly Message[] {
  const failure = error as Partial<BuildFailure> | null
  return Array.isArray(failure?.errors) ? failure.errors : []
}

function refused(job: BundleJob, messages: readonly Message[], instead: Refusal | undefined): BundleAnswer {
  if (messages.length === 0) {
    const { message, remedy, file } =
      instead ?? new Refusal('the bundler ended early', 'make the code smaller or simpler')
    return { ok: false, faults: [{ file: file ?? job.main, line: 0, column: 0, message, remedy }] }
  }
  const faults = new Map<string, BundleFault>()
  for (const message of messages) {
    const fault = faultOf(job, message, instead)
    faults.set(JSON.stringify(fault), fault)
  }
  return { ok: false, faults: [...faults.values()].slice(0, MAX_FAULTS) }
}

function faultOf(
  job: BundleJob,
  { text, location, detail }: Message,
  instead: Refusal | undefined,
): BundleFault {
  const ours = (detail ?? {}) as { readonly remedy?: string; readonly file?: string; readonly line?: number }
  const isGlob = instead === undefined && /^Could not resolve (?:require|import)\(/.test(text)
  const said = isGlob ? computedImport() : instead
  const message = said?.message ?? text
  const at =
    location !== null
      ? { file: authorsName(location.file), line: location.line, column: location.column + 1 }
      : { file: ours.file ?? job.main, line: ours.line ?? 0, column: 0 }
  return {
    ...at,
    message: cut(message.replaceAll(job.dir, '.')),
    remedy: cut(said?.remedy ?? ours.remedy ?? 'mend the code here'),
  }
}

function cut(text: string): string {
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text
}
