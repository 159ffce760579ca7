/**
 * The esbuild plugin that answers for every path: which file an import is
 * (resolve.ts), what is in it (tree.ts), and nothing else, so that esbuild itself
 * opens no file. Everything lives in our own namespace; what reaches another one is refused.
 */
import type {
  Loader,
  OnLoadArgs,
  OnLoadResult,
  OnResolveArgs,
  OnResolveResult,
  PartialMessage,
  Plugin,
} from 'esbuild'
import { transform } from 'esbuild'
import { posix } from 'node:path'
import { asPlainCalls, computedAt, suspectAt } from './computed-import.js'
import { Refusal } from './refusal.js'
import { quoted, type Ask, type Resolved, type Resolver } from './resolve.js'
import type { Tree } from './tree.js'

export const NAMESPACE = 'plugin'
/** Marks a file that Node treats as an ES module whatever its ending; esbuild reads the ending only. */
export const ESM_MARK = '#.mjs'
/** The text of the note left at each import of a built-in; main.ts turns notes into the module list. */
export const BUILTIN_NOTE = 'imports a built-in'
export const TSCONFIG: string = JSON.stringify({
  compilerOptions: { target: 'ES2022', useDefineForClassFields: true },
})

const PLUGIN_MODULE = 'exports.definePlugin = (definition) => definition\n'
const OTHER_FILES =
  'use .js, .mjs, .cjs, .ts, .mts, .cts, .json or .txt; read other files while the plugin runs'

const LOADERS: { readonly [ending: string]: Loader } = {
  '.js': 'js',
  '.mjs': 'js',
  '.cjs': 'js',
  '.ts': 'ts',
  '.mts': 'ts',
  '.cts': 'ts',
  '.json': 'json',
  '.txt': 'text',
}

export function importRules(tree: Tree, resolver: Resolver, main: string): Plugin {
  return {
    name: 'bulkhead',
    setup(build) {
      build.onResolve({ filter: /^/ }, (args) => refusing(() => onResolve(args, resolver, main)))
      build.onLoad({ filter: /^/ }, async (args) => {
        try {
          return await onLoad(args, tree)
        } catch (error) {
          return { errors: [problem(error)] }
        }
      })
    },
  }
}

function refusing(run: () => OnResolveResult): OnResolveResult {
  try {
    return run()
  } catch (error) {
    return { errors: [problem(error)] }
  }
}

function problem(error: unknown): PartialMessage {
  if (!(error instanceof Refusal))
    return { text: 'the file cannot be read', detail: { remedy: 'check the file' } }
  return { text: error.message, detail: { remedy: error.remedy, file: error.file } }
}

function onResolve(args: OnResolveArgs, resolver: Resolver, main: string): OnResolveResult {
  const importer = args.importer.replace(ESM_MARK, '')
  switch (args.kind) {
    case 'entry-point':
      return place(resolver.entry(main), args, main)
    case 'import-statement':
      return place(resolver.resolve(args.path, importer, 'import'), args, importer)
    case 'require-call':
    case 'dynamic-import': {
      const ask: Ask = args.kind === 'require-call' ? 'require' : 'import'
      const found = resolver.resolve(args.path, importer, ask)
      const lazy = importer.includes('node_modules/')
      const useless =
        found.kind === 'missing' ||
        (found.kind === 'file' && !Object.hasOwn(LOADERS, posix.extname(found.path)))
      // A package tries optional parts inside try/catch: those fail when they are asked for, as in Node.
      return lazy && useless
        ? { path: `missing:${args.path}`, namespace: NAMESPACE }
        : place(found, args, importer)
    }
    case 'require-resolve':
      return { path: args.path, external: true } // stays a call, which the plugin's own `require` refuses
    case 'import-rule':
    case 'composes-from':
    case 'url-token':
      throw new Refusal(`${quoted(args.path)} is asked for by a style sheet`, OTHER_FILES)
  }
}

function place(found: Resolved, args: OnResolveArgs, importer: string): OnResolveResult {
  switch (found.kind) {
    case 'builtin':
      return { path: found.name, external: true, warnings: [{ text: BUILTIN_NOTE, detail: found.name }] }
    case 'plugin-module':
      return { path: 'bulkhead/plugin', namespace: NAMESPACE, sideEffects: false }
    case 'missing':
      throw missing(args, importer)
    case 'file':
      checkAttributes(args, found.path)
      return {
        path: found.esm && !/\.m[jt]s$/.test(found.path) ? found.path + ESM_MARK : found.path,
        namespace: NAMESPACE,
        ...(found.pure ? { sideEffects: false } : {}),
      }
  }
}

function missing(args: OnResolveArgs, importer: string): Refusal {
  if (args.kind === 'entry-point') {
    return new Refusal(
      `main ${quoted(importer)} does not exist`,
      'name an existing file as main in plugin.json',
      'plugin.json',
    )
  }
  return /^[./#]/.test(args.path)
    ? new Refusal(
        `${quoted(args.path)} does not exist`,
        'check the path, it is relative to the importing file',
      )
    : new Refusal(
        `the package ${quoted(args.path)} is not in the plugin's node_modules or does not export this`,
        'install it inside the plugin directory (a link that leads outside does not count)',
      )
}

function checkAttributes(args: OnResolveArgs, path: string): void {
  for (const [key, value] of Object.entries(args.with)) {
    if (key === 'type' && value === 'json' && path.endsWith('.json')) continue
    throw new Refusal(
      `the import attribute ${key}: ${quoted(value)} does not fit ${path}`,
      "write with { type: 'json' } for .json files, and no attribute for others",
    )
  }
}

async function onLoad(args: OnLoadArgs, tree: Tree): Promise<OnLoadResult> {
  if (args.namespace !== NAMESPACE) throw computedImport()
  if (args.path === 'bulkhead/plugin') return { contents: PLUGIN_MODULE, loader: 'js' }
  if (args.path.startsWith('missing:')) return { contents: throwing(args.path.slice(8)), loader: 'js' }
  const path = args.path.replace(ESM_MARK, '')
  const loader = LOADERS[posix.extname(path)]
  if (loader === undefined || !Object.hasOwn(LOADERS, posix.extname(path))) {
    throw new Refusal(`${path} is not a kind of file that can be bundled`, OTHER_FILES, path)
  }
  const text = tree.read(path).toString('utf8')
  return loader === 'js' || loader === 'ts' ? code(path, text, loader) : { contents: text, loader }
}

async function code(path: string, text: string, loader: 'js' | 'ts'): Promise<OnLoadResult> {
  const source = withoutMapLinks(text).replace(/^(\uFEFF?)#!/, '$1//')
  const suspect = suspectAt(source)
  if (suspect === undefined) return { contents: source, loader }
  const printed = await printedCode(source, path, loader)
  // Code that esbuild cannot parse is reported by the bundling itself, with the place.
  if (printed === undefined) return { contents: source, loader }
  const computed = computedAt(printed)
  if (computed.length === 0) return { contents: source, loader }
  if (path.includes('node_modules/')) return { contents: asPlainCalls(printed, computed), loader: 'js' }
  const error = computedImport()
  const line = source.slice(0, suspect).split('\n').length
  return { errors: [{ text: error.message, detail: { remedy: error.remedy, file: path, line } }] }
}

async function printedCode(source: string, path: string, loader: 'js' | 'ts'): Promise<string | undefined> {
  try {
    const { code: printed } = await transform(source, {
      loader,
      sourcefile: path,
      sourcemap: 'inline',
      sourcesContent: false,
      target: 'es2022',
      supported: { 'dynamic-import': false },
      tsconfigRaw: TSCONFIG,
      legalComments: 'none',
      logLevel: 'silent',
    })
    return printed
  } catch {
    return undefined
  }
}

export function computedImport(): Refusal {
  return new Refusal(
    'the path of an import is put together while the code runs',
    'write each import with its whole path as one string',
  )
}

/** A link to a source map, written so that it stays what it is in strings and means nothing in comments. */
function withoutMapLinks(source: string): string {
  return source.replace(
    /(\/[/*])([#@])(?=[ \t]*sourceMappingURL)/g,
    (_, open: string, mark: string) => `${open}\\u00${mark === '#' ? '23' : '40'}`,
  )
}

function throwing(specifier: string): string {
  const message = JSON.stringify(`Cannot find module ${quoted(specifier)}`)
  return `throw Object.assign(new Error(${message}), { code: 'MODULE_NOT_FOUND' })\n`
}
